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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Writes what a member has still to get, and knows how fast the peer takes it. Used on the group's loop.
 *
 * <p>What the kernel takes says little about the peer: the kernel has room for megabytes, and reports free room only
 * when a third of the room is free. So before a member is closed for taking too little, the kernel is asked what the
 * peer has acknowledged. Where the kernel does not tell, it is offered more bytes instead.
 */
final class Writing {
    private static final int MOST_OWED = 64 * 1024;

    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private final Counters counters;
    private final OutboundQueue queue;
    private final long limitNs; // the write-deadline when the member joined
    private Silence unwritten; // null: the member has never waited for the kernel
    private PeerProgress drained; // the peer's progress when the queue was last told; null: not asked yet
    private PeerProgress taken; // the peer's progress when the write-deadline last asked; null: not asked yet
    private PeerProgress active; // the peer's progress when the idle-timeout last asked; null: not asked yet
    private long activeSteps; // the value of steps when the idle-timeout last asked

    private long steps; // how often the kernel took bytes
    private long owed; // how many bytes the codec has sent since the queue was empty
    private boolean isProbe; // whether a probe is being written
    private boolean isProbed; // whether a probe was written since the idle-timeout last asked
    private boolean unflushed;
    private boolean blocked;
    private boolean failed;

    Writing(Connection connection, Wire wire, EventLoop loop, OutboundQueue queue) {
        this.connection = connection;
        this.wire = wire;
        this.loop = loop;
        this.counters = connection.shared().context().counters();
        this.queue = queue;
        this.limitNs = connection.shared().settings().writeDeadline().toNanos();
    }

    /** {@return whether the member waits until the kernel takes more} */
    boolean isBlocked() {
        return blocked;
    }

    /** {@return whether a write has failed, so that the peer can get nothing any more} */
    boolean hasFailed() {
        return failed;
    }

    /** {@return whether the kernel has taken everything} */
    boolean isDone() {
        return queue.isEmpty() && wire.isFlushed();
    }

    boolean isStalled() {
        return queue.isStalled();
    }

    /** {@return details for the log about a peer that is closed for taking too little} */
    String shortfall() {
        return "acknowledged " + Values.rounded(queue.drainedBytes()) + " in "
                + Values.rounded(Duration.ofNanos(queue.stalledNs())) + " (min-drain "
                + Values.rounded(queue.limits().minDrain()) + "), " + unsent();
    }

    /** {@return details for the log about a peer that is closed for taking nothing} */
    String unsent() {
        return Values.rounded(queue.pendingBytes() + wire.unsent()) + " unsent";
    }

    /** Tell the queue how much the peer has taken, then run {@code then}. */
    void measure(Runnable then) {
        ask(now -> {
            if (now != null) {
                // The first answer has no earlier one to compare with, so it counts as enough.
                queue.acknowledged(drained == null ? queue.limits().minDrain() : now.since(drained));
                drained = now;
            }
            then.run();
        });
    }

    /** Find out whether the peer has taken something since the last such question, which may be long ago. */
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

    /** Find out whether bytes that were written for the peer are still on their way. */
    void askWhetherActive(Runnable ifSo, Runnable ifNot) {
        long before = steps;
        ask(now -> {
            boolean isActive = steps != before;
            if (now != null) {
                boolean isSameOutput = active != null && activeSteps == steps;
                isActive |= !isProbed && (isSameOutput ? now.since(active) > 0 : now.unacknowledged() > 0);
                active = now;
                activeSteps = steps;
            }
            isProbed = false; // that the peer's kernel acknowledged a probe says nothing of the peer
            (isActive ? ifSo : ifNot).run();
        });
    }

    /**
     * Find out how far the peer is. If the kernel does not tell, it is offered more bytes, and then {@code then} gets
     * null.
     */
    private void ask(Consumer<PeerProgress> then) {
        connection.shared().loops().acknowledgements().ask(wire.socket(), loop, now -> {
            if (now.isEmpty()) {
                attempt();
            }
            then.accept(now.orElse(null));
        });
    }

    /** Try to write what waits, without waiting for the selector. */
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

    /** Send bytes of the member's codec, behind everything that waits. */
    void send(ByteBuffer bytes) {
        if (!failed) {
            owed += bytes.remaining();
            queue.send(bytes);
            flushLater();
        }
    }

    /** {@return whether so much of what the codec sent still waits that its peer must take something before it may ask for more} */
    boolean owesMuch() {
        return owed > MOST_OWED;
    }

    /** Write what the codec sent as a probe, which is no sign that the peer is active. */
    void flushProbe() {
        isProbe = true;
        connection.flush();
        isProbe = false;
        isProbed = true;
    }

    void flushLater() {
        if (!unflushed) {
            unflushed = true;
            loop.unflushed(connection);
        }
    }

    /** Write on, because the kernel takes more again. */
    void unblock() {
        blocked = false;
    }

    /** Note that the kernel has not taken all of the bytes that TLS sends on its own account, outside the queue. */
    void block() {
        blocked = true;
        watchSilence();
    }

    /** Set whether the connection waits for the kernel to take the end of the output. */
    void awaitEnd(boolean waits) {
        blocked = waits;
    }

    /**
     * Write what waits, as far as the kernel takes it.
     *
     * @return the number of bytes written; -1 if nothing could be written, or if the write failed, which the connection
     *     has been told
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
                onTaken();
            }
            owed = queue.isEmpty() ? 0 : owed;
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

    private void onTaken() {
        if (unwritten != null) {
            unwritten.heard();
        }
        if (!isProbe) {
            steps++;
            connection.heard();
        }
    }

    /** Copy what was delivered and not written, so that another turn can write it. */
    void keep() {
        queue.keep();
    }

    private void watchSilence() {
        if (blocked) {
            if (unwritten == null) {
                unwritten = newSilence();
            }
            unwritten.begin();
        } else if (unwritten != null) {
            unwritten.end();
        }
    }

    private Silence newSilence() {
        return new Silence(
                loop.deadlines(),
                limitNs,
                () -> askWhetherTaken(() -> {}),
                () -> askWhetherTaken(() -> connection.close(Reason.WRITE_DEADLINE)));
    }

    private void endSilence() {
        if (unwritten != null) {
            unwritten.cancel();
        }
    }

    private void fail() {
        failed = true;
        endSilence();
        queue.clear();
    }

    /**
     * Discard what waits.
     *
     * @return the number of bytes discarded
     */
    long close() {
        endSilence();
        return queue.clear() + wire.unsent();
    }
}
