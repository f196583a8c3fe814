package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.Owner;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * Hands received NATS messages over to the endpoint's loop, bounded in bytes. The thread of the NATS client that brings them waits
 * while there is no room; then the client drops what comes beyond its own bound, which shows as a gap.
 */
final class Inbound {
    private static final long MOST = 4 << 20;
    /** The loop's other tasks get their turn after so many bytes. */
    private static final long PART = 1 << 20;

    private record Received(String subject, byte[] body) {
        long weight() {
            return 128 + body.length;
        }
    }

    private final Owner loop;
    private final BiConsumer<String, byte[]> taker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<Received> waiting = new ArrayDeque<>();
    private long bytes;
    private boolean isScheduled;
    private boolean isClosed;

    /**
     * Make an empty queue.
     *
     * @param taker receives each message on the loop's thread
     */
    Inbound(Owner loop, BiConsumer<String, byte[]> taker) {
        this.loop = loop;
        this.taker = taker;
    }

    /** Hand a message over, and wait for room if need be. */
    void put(String subject, byte[] body) throws InterruptedException {
        var received = new Received(subject, body);
        lock.lockInterruptibly();
        try {
            while (bytes > MOST && !isClosed) {
                room.await();
            }
            if (isClosed) {
                return;
            }
            waiting.add(received);
            bytes += received.weight();
            if (!isScheduled) {
                isScheduled = true;
                loop.execute(this::take);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drop what waits, and let nobody wait. */
    void close() {
        lock.lock();
        try {
            isClosed = true;
            waiting.clear();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void take() {
        long taken = 0;
        for (var next = poll(taken); next != null; next = poll(taken)) {
            taken += next.weight();
            taker.accept(next.subject(), next.body());
        }
    }

    /** {@return the next message; null if there is none now, or the loop takes the rest later} */
    private Received poll(long taken) {
        lock.lock();
        try {
            if (taken > PART && !waiting.isEmpty()) {
                loop.execute(this::take);
                return null;
            }
            var next = waiting.poll();
            if (next == null) {
                isScheduled = false;
                return null;
            }
            bytes -= next.weight();
            room.signal();
            return next;
        } finally {
            lock.unlock();
        }
    }
}
