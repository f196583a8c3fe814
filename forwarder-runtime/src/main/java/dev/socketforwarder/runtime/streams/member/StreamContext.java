package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import dev.socketforwarder.runtime.streams.loop.Residents;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The objects that the connections of one endpoint share, on whichever event loops they live. Thread-safe. */
public final class StreamContext {
    private final TransportContext context;
    private final Groups groups;
    private volatile StreamRules rules;
    private final EventLoops loops;
    private final Optional<Codec.Factory> codecs;
    private final Residents<Connection> members = new Residents<>();

    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger unsentMembers = new AtomicInteger();
    private final AtomicLong unsentBytes = new AtomicLong();
    private volatile boolean quiescing;

    public StreamContext(
            TransportContext context,
            Groups groups,
            EventLoops loops,
            StreamRules rules,
            Optional<Codec.Factory> codecs) {
        this.codecs = codecs;
        this.context = context;
        this.groups = groups;
        this.loops = loops;
        this.rules = rules;
    }

    public TransportContext context() {
        return context;
    }

    Groups groups() {
        return groups;
    }

    /** {@return the rules that are in force now} */
    public StreamRules rules() {
        return rules;
    }

    /** Put these rules in force for what happens from now on. Members keep the times and limits with which they came. */
    public void adopt(StreamRules changed) {
        rules = changed;
    }

    /** {@return the times and limits that are in force now} */
    public StreamSettings settings() {
        return rules.settings();
    }

    /** {@return what makes the codecs of clients; empty: the connections are plain} */
    public Optional<Codec.Factory> codecs() {
        return codecs;
    }

    public EventLoops loops() {
        return loops;
    }

    /** {@return the connections that are members} */
    public Residents<Connection> members() {
        return members;
    }

    /** {@return the number of the next member, from 1 on} */
    int nextNumber() {
        return numbers.incrementAndGet();
    }

    /** {@return whether joins are refused, since the stop has begun} */
    public boolean isQuiescing() {
        return quiescing;
    }

    public void quiesce() {
        quiescing = true;
    }

    public void refused(Reason reason, Peer peer, String detail, ByteBuffer offending) {
        context.refused(reason, peer.remote(), detail, offending);
    }

    /**
     * Count bytes that were queued for a member and will never be sent. Counts only once the stop has begun, also for a
     * member that is closed before the stop ends.
     */
    void unsent(long bytes) {
        if (quiescing) {
            unsentMembers.incrementAndGet();
            unsentBytes.addAndGet(bytes);
        }
    }

    /** {@return what members will never be sent, counted since the stop began} */
    public Unsent unsent() {
        return new Unsent(unsentMembers.get(), unsentBytes.get());
    }

    /** Count bytes of a member that nobody reads any more. Counts only once the stop has begun. */
    void unread(long bytes) {
        if (quiescing) {
            context.counters().add(Reason.UNREAD, bytes);
        }
    }
}
