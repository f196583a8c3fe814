package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.runtime.groups.Turn;
import java.util.ArrayDeque;

/** A group's place on its event loop. Used on that loop's thread, except for {@link #connections}. */
public final class LoopGroup {
    /**
     * How many connections are in the group or on their way to the group; guarded by the group's entry in {@link
     * EventLoops}.
     */
    int connections;

    /** Members to be read in this turn or the next, in this order. */
    final ArrayDeque<LoopMember> ready = new ArrayDeque<>();

    /** Members that have received something and have not been flushed since, in this order. */
    final ArrayDeque<LoopMember> unflushed = new ArrayDeque<>();

    /** A turn whose messages some members have not got yet; null: all members have got everything. */
    Turn pass;

    /** How many bytes were read since everything read before was flushed. The loop keeps this number. */
    int roundBytes;

    /** The most bytes to read in one turn. The loop keeps this number. */
    int mostBytes = GroupTurns.BYTES;

    /** Whether the loop is to serve this group in this turn or the next. */
    boolean listed;

    /** Whether the loop is to flush this group before the turn ends. */
    boolean flushListed;

    private RateLimit rate; // null: the group has no limit
    private final ArrayDeque<Runnable> awaitingRate = new ArrayDeque<>();

    private final GroupId id;
    private final EventLoop loop;

    LoopGroup(GroupId id, EventLoop loop) {
        this.id = id;
        this.loop = loop;
    }

    /** Keep all members together to this rate. The first limit that is set counts while the group exists. */
    public void limitRate(RateLimit limit) {
        if (rate == null) {
            rate = limit;
        }
    }

    /** {@return how many bytes may be read now; 0 while members wait, since those come first} */
    public long grant() {
        if (rate == null) {
            return Long.MAX_VALUE;
        }
        return awaitingRate.isEmpty() ? rate.available() : 0;
    }

    public void took(long n) {
        if (rate != null) {
            rate.take(n);
        }
    }

    /** Run {@code release} when the rate allows reads again, after the members that waited before. */
    public void await(Runnable release) {
        if (awaitingRate.isEmpty()) {
            loop.deadlines().in(rate.waitNs(), this::releaseAll);
        }
        awaitingRate.add(release);
    }

    /**
     * Release all that wait, in their order. A member that finds nothing left waits again, ahead of the others that
     * come back.
     */
    private void releaseAll() {
        for (int i = awaitingRate.size(); i > 0; i--) {
            awaitingRate.poll().run();
        }
    }

    public GroupId id() {
        return id;
    }

    public EventLoop loop() {
        return loop;
    }
}
