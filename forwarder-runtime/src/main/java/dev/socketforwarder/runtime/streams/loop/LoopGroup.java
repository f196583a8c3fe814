package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.runtime.groups.Turn;
import java.util.ArrayDeque;

/** A group's place on its event loop, used on that loop's thread but for {@link #connections}. */
public final class LoopGroup {
    /** How many are in it or on their way to it; guarded by the entry in {@link EventLoops}. */
    int connections;

    /** Members to be read in this turn, in this order. */
    final ArrayDeque<LoopMember> ready = new ArrayDeque<>();

    /** Members that were given something and have not been flushed, in this order. */
    final ArrayDeque<LoopMember> unflushed = new ArrayDeque<>();

    /** What was read and not all have got yet; null: all have. */
    Turn pass;

    /** Bytes read since all that had been read before was flushed; the loop keeps it. */
    int roundBytes;

    /** Whether the loop is to serve it in this turn or the next. */
    boolean listed;

    /** Whether the loop is to flush it before this turn ends. */
    boolean flushListed;

    private RateLimit rate; // null: none
    private final ArrayDeque<Runnable> awaitingRate = new ArrayDeque<>();

    private final GroupId id;
    private final EventLoop loop;

    LoopGroup(GroupId id, EventLoop loop) {
        this.id = id;
        this.loop = loop;
    }

    /** Keep all members together to this rate; the first that is told counts while the group lasts. */
    public void limitRate(RateLimit limit) {
        if (rate == null) {
            rate = limit;
        }
    }

    /** {@return how many bytes may be read now; those who wait come first} */
    public long grant() {
        if (rate == null) {
            return Long.MAX_VALUE;
        }
        return awaitingRate.isEmpty() ? rate.available() : 0;
    }

    public void took(int n) {
        if (rate != null) {
            rate.take(n);
        }
    }

    /** Run this when there is something to read again, after those that waited before. */
    public void await(Runnable release) {
        if (awaitingRate.isEmpty()) {
            loop.deadlines().in(rate.waitNs(), this::releaseAll);
        }
        awaitingRate.add(release);
    }

    /** All of them, in their order: who finds nothing left waits again before the others that come back. */
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
