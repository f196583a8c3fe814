package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.OutboundQueue;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Silence;
import java.io.IOException;

/** What a member has still to get, and how far it takes it. On the group's loop. */
final class Writing {
    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private final Counters counters;
    private final OutboundQueue queue;
    private final Silence unwritten;

    private boolean unflushed;
    private boolean blocked;
    private boolean failed;

    Writing(Connection connection, Wire wire, EventLoop loop, OutboundQueue queue) {
        var server = connection.server();
        this.connection = connection;
        this.wire = wire;
        this.loop = loop;
        this.counters = server.context().counters();
        this.queue = queue;
        long limitNs = server.settings().writeDeadline().toNanos();
        this.unwritten = new Silence(loop.deadlines, limitNs, () -> connection.close(Reason.WRITE_DEADLINE));
    }

    /** {@return whether it waits for the peer to take something} */
    boolean isBlocked() {
        return blocked;
    }

    /** {@return whether the peer can get nothing any more} */
    boolean hasFailed() {
        return failed;
    }

    /** {@return whether the kernel has all} */
    boolean isDone() {
        return queue.isEmpty() && wire.isFlushed();
    }

    boolean isStalled() {
        return queue.isStalled();
    }

    void deliver(Batch batch) {
        if (!failed) {
            queue.add(batch);
            flushLater();
        }
    }

    void flushLater() {
        if (!unflushed) {
            unflushed = true;
            loop.unflushed(connection);
        }
    }

    /** The kernel takes more. */
    void unblock() {
        blocked = false;
    }

    /** The kernel does not have all that was said beside the queue. */
    void block() {
        blocked = true;
        watchSilence();
    }

    /** Set whether it waits for the kernel to take the end. */
    void awaitEnd(boolean waits) {
        blocked = waits;
    }

    /**
     * Write what waits, as far as the peer takes it.
     *
     * @return how many bytes that was; -1 if it could not be done, which has been told
     */
    long flush() {
        unflushed = false;
        if (failed) {
            return -1;
        }
        if (blocked) {
            queue.hold();
            return -1;
        }
        long n;
        try {
            int unsent = wire.unsent();
            n = queue.writeTo(wire);
            blocked = !wire.flush() || !queue.isEmpty();
            if (n > 0 || wire.unsent() < unsent) {
                connection.heard();
                unwritten.heard();
            }
            counters.add(Counter.BYTES_OUT, n);
            counters.add(Counter.WRITES, 1);
        } catch (IOException e) {
            fail();
            connection.onWriteFailure(e);
            return -1;
        }
        watchSilence();
        return n;
    }

    /** Keep what was delivered, to be written in another turn. */
    void keep() {
        queue.keep();
    }

    private void watchSilence() {
        if (blocked) {
            unwritten.begin();
        } else {
            unwritten.end();
        }
    }

    private void fail() {
        failed = true;
        unwritten.cancel();
        queue.clear();
    }

    /**
     * Let go of what waits.
     *
     * @return how many bytes that was
     */
    long close() {
        unwritten.cancel();
        return queue.clear() + wire.unsent();
    }
}
