package dev.socketforwarder.transport.nats;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * Holds what waits to be sent, bounded in bytes. Above the bound, the oldest NATS messages are dropped, so that what is sent after a
 * long outage is recent. Thread-safe.
 */
final class Outbox {
    private final long most;
    private final IntConsumer onDropped;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean isClosed;

    /**
     * Make an empty outbox.
     *
     * @param most the bound, in bytes
     * @param onDropped receives how many messages of groups were dropped; called by the thread that adds
     */
    Outbox(long most, IntConsumer onDropped) {
        this.most = most;
        this.onDropped = onDropped;
    }

    /** Add a message, and drop the oldest ones if there is no room. Never blocks for long. */
    void add(Outgoing message) {
        int dropped = 0;
        lock.lock();
        try {
            waiting.add(message);
            bytes += message.weight();
            while (bytes > most) {
                dropped += remove().count();
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (dropped > 0) {
            onDropped.accept(dropped);
        }
    }

    /** {@return the oldest message; null if nothing waits} */
    Outgoing poll() {
        lock.lock();
        try {
            return waiting.isEmpty() ? null : remove();
        } finally {
            lock.unlock();
        }
    }

    /** Wait until a message waits, the limit has passed, or the outbox is closed. */
    void await(long limitMs) throws InterruptedException {
        long leftNs = TimeUnit.MILLISECONDS.toNanos(limitMs);
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && leftNs > 0 && !isClosed) {
                leftNs = changed.awaitNanos(leftNs);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Let nobody wait for further messages, since none will come. */
    void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many bytes wait} */
    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    private Outgoing remove() {
        var oldest = waiting.remove();
        bytes -= oldest.weight();
        return oldest;
    }
}
