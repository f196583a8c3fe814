package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.OutboundQueue;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.PeerProgress;
import dev.socketforwarder.runtime.streams.loop.Silence;
import dev.socketforwarder.runtime.streams.wire.Wire;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a member has still to get, and how far it takes it. On the group's loop.
 *
 * <p>What the kernel takes says little: it has room for megabytes, and tells of more only when a third of that is free. So
 * before the member is closed for taking too little the kernel is asked what the peer has acknowledged, or, where it does not
 * tell, given more.
 */
final class Writing {
    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private final Counters counters;
    private final OutboundQueue queue;
    private final Silence unwritten;
    private PeerProgress drained; // as the queue knows of it; null: not asked yet
    private PeerProgress taken; // as the write-deadline does
    private PeerProgress active; // as the idle-timeout does
    private long activeSteps; // which are those that it knew of then

    private long steps; // how often the kernel took something
    private boolean unflushed;
    private boolean blocked;
    private boolean failed;

    Writing(Connection connection, Wire wire, EventLoop loop, OutboundQueue queue) {
        var shared = connection.shared();
        this.connection = connection;
        this.wire = wire;
        this.loop = loop;
        this.counters = shared.context().counters();
        this.queue = queue;
        long limitNs = shared.settings().writeDeadline().toNanos();
        this.unwritten = new Silence(
                loop.deadlines(),
                limitNs,
                () -> askWhetherTaken(() -> {}),
                () -> askWhetherTaken(() -> connection.close(Reason.WRITE_DEADLINE)));
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

    /** {@return what there is to say of a peer that is closed for taking too little} */
    String shortfall() {
        return "acknowledged " + Values.rounded(queue.drainedBytes()) + " in "
                + Values.rounded(Duration.ofNanos(queue.stalledNs())) + " (min-drain "
                + Values.rounded(queue.limits().minDrain()) + "), " + unsent();
    }

    /** {@return what there is to say of one that is closed for taking nothing} */
    String unsent() {
        return Values.rounded(queue.pendingBytes() + wire.unsent()) + " unsent";
    }

    /** Let the queue know how much the peer has taken, then do this. */
    void measure(Runnable then) {
        ask(now -> {
            if (now != null) {
                // The first time nobody knows since when.
                queue.acknowledged(drained == null ? queue.limits().minDrain() : now.since(drained));
                drained = now;
            }
            then.run();
        });
    }

    /** Find out whether the peer has taken something since this was asked last; it may not have been asked for long. */
    private void askWhetherTaken(Runnable ifNot) {
        long before = steps;
        ask(now -> {
            boolean isTaken = steps != before || !blocked || now != null && (taken == null || now.since(taken) > 0);
            taken = now == null ? taken : now;
            if (isTaken) {
                unwritten.heardUnseen();
            } else if (!connection.isClosed()) {
                ifNot.run();
            }
        });
    }

    /** Find out whether what was written for the peer is on its way still. */
    void askWhetherActive(Runnable ifSo, Runnable ifNot) {
        long before = steps;
        ask(now -> {
            boolean isActive = steps != before;
            if (now != null) {
                boolean isSameOutput = active != null && activeSteps == steps;
                isActive |= isSameOutput ? now.since(active) > 0 : now.unacknowledged() > 0;
                active = now;
                activeSteps = steps;
            }
            (isActive ? ifSo : ifNot).run();
        });
    }

    /** Find out how far the peer is. Null if the kernel does not tell: then it was tried whether it takes more. */
    private void ask(Consumer<PeerProgress> then) {
        connection.shared().loops().acknowledgements().ask(wire.socket(), loop, now -> {
            if (now.isEmpty()) {
                attempt();
            }
            then.accept(now.orElse(null));
        });
    }

    /** Write what waits, whatever the selector says. */
    private void attempt() {
        if (blocked && !failed) {
            blocked = false;
            connection.flush();
        }
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
                steps++;
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
