package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.kit.AddressKey;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.groups.PeerMember;
import dev.socketforwarder.runtime.groups.Turn;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.LoopGroup;
import dev.socketforwarder.runtime.streams.loop.LoopMember;
import dev.socketforwarder.runtime.streams.loop.Outstanding;
import dev.socketforwarder.runtime.streams.wire.Wire;
import dev.socketforwarder.runtime.text.GroupText;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A connection whose peer joins a group, and is a member from then on. Its {@link Reading} and its {@link Writing}
 * report events, and the connection decides what follows. Used on the group's loop.
 *
 * <pre>
 *   member ──FIN──> leaving ──all written──> closed
 *     │  └──FIN, half-close: keep──> receiver ──write fails──> closed
 *     ├──RST, stalled────────────────────────────────────────> closed
 *     └──stop──> leaving ──output shut──> lingering ──peer's FIN, silence──> closed
 * </pre>
 */
public final class Connection extends LoopMember implements PeerMember {
    private static final Logger LOG = System.getLogger(Connection.class.getName());

    private final StreamContext shared;
    private final Wire wire;
    private final Peer peer;
    private final BiConsumer<Wire, Reason> onEnd;
    private final LoopGroup group;
    private final EventLoop loop;
    private final int number; // tells members without an address apart
    private final IdleTimeout idle;
    private final Reading reading;
    private final Dialogue dialogue; // null: the connection has no codec

    // The fields below are set by the join.
    private Membership membership;
    private Writing writing;
    private Interest interest;

    private boolean left;
    private boolean closed;
    private Leaving leaving; // null: the member stays

    public Connection(
            StreamContext shared,
            Wire wire,
            Peer peer,
            BiConsumer<Wire, Reason> onEnd,
            LoopGroup group,
            ByteBuffer early) {
        this(shared, wire, peer, onEnd, group, early, null);
    }

    /** Make a connection; {@code dialogue} is that of its codec, or null if the connection has none. */
    public Connection(
            StreamContext shared,
            Wire wire,
            Peer peer,
            BiConsumer<Wire, Reason> onEnd,
            LoopGroup group,
            ByteBuffer early,
            Dialogue dialogue) {
        this.dialogue = dialogue;
        this.shared = shared;
        this.wire = wire;
        this.peer = peer;
        this.onEnd = onEnd;
        this.group = group;
        this.loop = group.loop();
        this.number = shared.nextNumber();
        this.idle = new IdleTimeout(this, loop);
        this.reading = new Reading(this, wire, early);
    }

    /** Move here from another loop, then join the group. On the group's loop. */
    public void moveAndJoin(Greeting greeting) {
        try {
            join(wire.socket().register(loop.selector(), Interest.FIRST, this), greeting);
        } catch (IOException _) {
            abandon(Reason.PEER_RESET);
        }
    }

    /** Join the group. On the group's loop. */
    public void join(SelectionKey registered, Greeting greeting) {
        try {
            wire.join(
                    loop::tlsScratch,
                    shared.loops().tlsBuffers(),
                    () -> loop.execute(this, () -> close(Reason.TLS_BUFFERS_FULL)));
        } catch (IOException e) {
            shared.refused(wire.reason(e), peer, "", ByteBuffer.allocate(0));
            abandon(wire.reason(e));
            return;
        }
        if (shared.isQuiescing()) {
            sayRefused(Reason.STOPPED);
            abandon(Reason.STOPPED);
            return;
        }
        switch (shared.groups().join(group.id(), this, loop)) {
            case Joined(var joined) -> {
                membership = joined;
                reading.begin(joined);
                writing = new Writing(this, wire, loop, joined.queue());
                if (dialogue != null) {
                    reading.useCodec(new CodecLine(this, dialogue, joined, writing));
                }
                interest = new Interest(this, loop, reading, writing, registered);
                onJoined(greeting);
            }
            case Refused(var reason) -> {
                shared.refused(reason, peer, "", ByteBuffer.allocate(0));
                sayRefused(reason);
                abandon(reason);
            }
        }
    }

    private void sayRefused(Reason reason) {
        if (dialogue == null) {
            RefusalReply.send(shared, wire, reason, loop.scratch());
        } else {
            dialogue.goodbye(reason);
            RefusalReply.finish(wire, loop.scratch());
        }
    }

    private void onJoined(Greeting greeting) {
        shared.members().add(this);
        shared.context().counters().add(Counter.JOINED, 1);
        shared.context().counters().add(Counter.MEMBERS, 1);
        idle.begin();
        if (dialogue != null) {
            dialogue.joined();
        }
        greeting.send(membership, this);
        if (dialogue != null) {
            reading.settle();
        }
        updateInterest();
        if (reading.hasMore()) {
            loop.ready(this);
        }
    }

    /** End the connection, which never became a member. */
    private void abandon(Reason reason) {
        closed = true;
        closeCodec();
        shared.loops().leave(group);
        onEnd.accept(wire, reason);
    }

    private void closeCodec() {
        if (dialogue != null) {
            dialogue.close();
        }
    }

    @Override
    public Optional<Encoding> encoding() {
        return Optional.ofNullable(dialogue).map(Dialogue::encoding);
    }

    /** Let the codec find out whether a silent peer is there. */
    void probe() {
        if (dialogue != null && isMember()) {
            loop.attempt(this, () -> {
                dialogue.probe();
                writing.flushProbe();
                reading.settle();
            });
        }
    }

    /** Let the codec know that the peer has ended its side. */
    void tellEnded(boolean stays) {
        if (dialogue != null) {
            dialogue.ended();
            reading.settle();
            if (!stays) {
                dialogue.silence();
            }
        }
    }

    boolean hasCodec() {
        return dialogue != null;
    }

    @Override
    protected LoopGroup group() {
        return group;
    }

    @Override
    protected int gap() {
        return reading.gap();
    }

    @Override
    protected boolean mayCut() {
        return reading.mayCut();
    }

    @Override
    protected int read(ByteBuffer into) {
        return reading.read(into);
    }

    @Override
    protected int publish(Turn turn, int from, int start, int length) {
        return reading.publish(turn, from, start, length);
    }

    @Override
    protected void keep() {
        writing.keep();
    }

    StreamContext shared() {
        return shared;
    }

    Reading reading() {
        return reading;
    }

    Writing writing() {
        return writing;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isLeaving() {
        return leaving != null;
    }

    @Override
    protected boolean beginProbe() {
        return interest.beginProbe();
    }

    @Override
    protected void endProbe() {
        interest.endProbe();
    }

    @Override
    public void onReady(SelectionKey ready) {
        if (ready.isConnectable()) {
            if (interest.isEndedByReset()) {
                close(Reason.PEER_RESET);
            }
            return;
        }
        if (ready.isWritable()) {
            writing.unblock();
            writing.flushLater(); // not now: the turn limits how many members are flushed
            updateInterest();
        }
        if (!closed && ready.isReadable()) {
            if (leaving == null) {
                loop.ready(this);
            } else {
                leaving.discard();
            }
        }
    }

    /** {@return whether the member is in its group} */
    boolean isMember() {
        return !left && !closed;
    }

    /** Note that bytes were read from the peer, or that the kernel took bytes for the peer. */
    void heard() {
        idle.heard();
    }

    @Override
    public Optional<Object> source() {
        return peer.address().map(AddressKey::of);
    }

    @Override
    public void measure(Runnable then) {
        writing.measure(then);
    }

    @Override
    public boolean isHeldBack() {
        return reading.isHeldBack();
    }

    @Override
    public void deliver(Batch batch) {
        boolean hasCodecEnded = dialogue != null && dialogue.end() != null; // its last words stay the last
        if (!closed && !hasCodecEnded) {
            writing.deliver(batch);
        }
    }

    @Override
    protected long flush() {
        long n = closed ? -1 : writing.flush();
        if (n < 0) {
            return 0;
        }
        updateInterest();
        if (reading.hasMore()) {
            loop.ready(this);
        }
        if (leaving != null && !writing.isBlocked()) {
            leaving.onFlushed();
        }
        return n;
    }

    /** Read on after a failed write: what the peer sent before the failure belongs to the others. */
    void onWriteFailure(IOException e) {
        LOG.log(Level.DEBUG, () -> describe() + ": " + e.getMessage());
        if (closed) {
            return;
        }
        if (leaving != null) {
            close(leaving.reason());
        } else if (reading.hasEnded()) {
            close(Reason.PEER_RESET);
        } else {
            updateInterest();
            loop.ready(this);
        }
    }

    /** Leave the group now, and close the connection once what is queued has been written. */
    void leaveAfterFlush(Reason reason) {
        leaving = new Leaving(this, wire, loop, reading, writing, reason);
        leaveGroup(reason);
        if (dialogue != null) {
            dialogue.goodbye(reason);
        }
        updateInterest();
        leaving.begin();
    }

    @Override
    protected void awaitTurn() {
        interest.awaitTurn();
    }

    @Override
    protected void haveTurn() {
        interest.haveTurn();
    }

    @Override
    public void pause() {
        reading.pause();
        updateInterest();
    }

    @Override
    public void resume() {
        reading.resume();
        updateInterest();
        if (interest != null) {
            loop.ready(this); // not left to the selector, which would not keep the order of the calls
        }
    }

    /** Read what the kernel holds now, then nothing more. */
    public void quiesce(Outstanding outstanding) {
        if (isMember()) {
            reading.quiesce(outstanding);
        }
    }

    /** Flush, shut the output, discard the input, then close. */
    public void stop() {
        if (isMember()) {
            leaveAfterFlush(Reason.STOPPED);
        }
    }

    @Override
    public void close(Reason reason) {
        if (closed || reading.postpones(reason)) {
            return;
        }
        if (isTold(reason)) {
            leaveAfterFlush(reason);
            return;
        }
        closed = true;
        shared.members().remove(this);
        loop().forget(this);
        leaveGroup(reason);
        var detail = shortfall(reason);
        long unsent = writing.close();
        if (unsent > 0 && reason != Reason.PEER_RESET) {
            shared.unsent(unsent);
        }
        reading.close();
        if (reason.isMembersFault()) {
            shared.refused(reason, peer, detail, ByteBuffer.allocate(0)); // counts the reason too
        } else {
            shared.context().counters().add(reason, 1);
        }
        closeCodec();
        onEnd.accept(wire, reason);
    }

    /** {@return whether the peer is told first why its connection is closed} A plain stream has no words for that. */
    private boolean isTold(Reason reason) {
        return switch (reason) {
            case PEER_RESET, TLS_FAILED, TLS_BUFFERS_FULL, INTERNAL_ERROR -> false;
            case STOPPED -> false; // the stop has told it, and its time is over
            default -> dialogue != null && leaving == null && !writing.hasFailed() && writing.isDone();
        };
    }

    private String shortfall(Reason reason) {
        return "in " + GroupText.of(group.id()) + whyShort(reason);
    }

    private String whyShort(Reason reason) {
        return switch (reason) {
            case STALLED, FLUSH_TIMEOUT -> ", " + writing.shortfall();
            case WRITE_DEADLINE ->
                ", acknowledged nothing in " + Values.shown(shared.settings().writeDeadline()) + ", "
                        + writing.unsent();
            default ->
                dialogue == null
                                || dialogue.end() == null
                                || dialogue.end().detail().isEmpty()
                        ? ""
                        : ", " + dialogue.end().detail();
        };
    }

    private void leaveGroup(Reason reason) {
        if (!left) {
            left = true;
            idle.cancel();
            reading.leave();
            membership.leave(reason);
            shared.context().counters().add(Counter.MEMBERS, -1);
            shared.loops().leave(group);
        }
    }

    @Override
    public void onFailure() {
        if (writing != null) {
            close(Reason.INTERNAL_ERROR);
        } else if (!closed) {
            shared.context().counters().add(Reason.INTERNAL_ERROR, 1);
            abandon(Reason.INTERNAL_ERROR);
        }
    }

    /** Make the interest in the selector's events what the state demands. */
    void updateInterest() {
        if (interest != null) {
            interest.update();
        }
    }

    @Override
    public String describe() {
        return shared.context().name() + " " + address();
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public Optional<String> tls() {
        return wire.tls();
    }

    @Override
    public Optional<Transmission> transmission() {
        return shared.loops()
                .acknowledgements()
                .now(wire.socket())
                .map(now -> new Transmission(now.acknowledged(), now.unacknowledged()));
    }

    @Override
    public String address() {
        var address = Printable.line(AddressText.of(peer.remote()));
        return address.isEmpty() ? "#" + number : address; // the number tells peers without an address apart
    }

    @Override
    public String toString() {
        return describe();
    }
}
