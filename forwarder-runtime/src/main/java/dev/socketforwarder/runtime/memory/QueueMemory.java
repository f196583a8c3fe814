package dev.socketforwarder.runtime.memory;

import dev.socketforwarder.api.buffer.Memory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Memory for queued bytes, in a few sizes, outside the Java heap. What is in use and what is spare are together never more than
 * the most that may be in use, and what nobody uses for a while goes back to the operating system. Thread-safe.
 */
public final class QueueMemory implements Memory {
    /** The smallest buffer, in bytes. */
    public static final int SMALLEST = 4 << 10;

    /** After so long a spare buffer that nobody wanted may go. */
    public static final Duration IDLE = Duration.ofSeconds(1);

    /** Event loops wait no longer than this takes, in bytes, when much is discarded. */
    private static final long DISCARDED_AT_ONCE = 4 << 20;

    /** The largest buffer that is kept for the next that lags: for a message of 1 MiB with its frame. */
    static final int LARGEST_SPARE = (1 << 20) + SMALLEST;

    private static final int[] CAPACITIES = {SMALLEST, 16 << 10, 64 << 10, 256 << 10, LARGEST_SPARE};

    /** Buffers of one capacity that nobody uses, the last used last. */
    private static final class Spares {
        private final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();
        /** How many of them there have been at least since they were looked at: so many were of no use. */
        private int unused;

        ByteBuffer take() {
            var buffer = buffers.pollLast();
            unused = Math.min(unused, buffers.size());
            return buffer;
        }
    }

    private final long most;
    private final Consumer<Runnable> afterAWhile;

    // Guarded by this from here on. A lock, since a queue without one allocates for each buffer that comes back.
    private long heldBytes;
    private final Spares[] spares = new Spares[CAPACITIES.length];
    private Pages pages; // null: nobody has asked for memory yet
    private long spareBytes;
    private boolean isTrimDue;

    /**
     * Make one that holds nothing.
     *
     * @param most the most bytes in use that its user allows; spare buffers come out of the same
     * @param afterAWhile runs a task after {@link #IDLE}, on a thread that may wait for memory to be discarded
     */
    public QueueMemory(long most, Consumer<Runnable> afterAWhile) {
        this.most = most;
        this.afterAWhile = afterAWhile;
        for (int size = 0; size < spares.length; size++) {
            spares[size] = new Spares();
        }
    }

    /** {@return how much a buffer for so many bytes takes} */
    static int capacity(int bytes) {
        int size = size(bytes);
        return size >= 0 ? CAPACITIES[size] : Math.ceilDiv(bytes, SMALLEST) * SMALLEST;
    }

    /** {@return the place of the smallest capacity that is enough; -1: none is} */
    private static int size(int bytes) {
        for (int size = 0; size < CAPACITIES.length; size++) {
            if (CAPACITIES[size] >= bytes) {
                return size;
            }
        }
        return -1;
    }

    @Override
    public synchronized ByteBuffer acquire(int bytes) {
        int size = size(bytes);
        var buffer = size < 0 ? null : spares[size].take();
        if (buffer != null) {
            spareBytes -= buffer.capacity();
        } else {
            buffer = fresh(capacity(bytes));
        }
        heldBytes += buffer.capacity();
        return buffer;
    }

    private ByteBuffer fresh(int capacity) {
        // Spare buffers of other sizes make room for it: else they would come on top of what is allowed.
        for (int size = spares.length - 1;
                size >= 0 && spareBytes > 0 && heldBytes + spareBytes + capacity > most;
                size--) {
            while (!spares[size].buffers.isEmpty() && heldBytes + spareBytes + capacity > most) {
                discardOldest(size);
            }
        }
        if (pages == null) {
            pages = Pages.ofThisMachine();
        }
        return pages.take(capacity);
    }

    @Override
    public synchronized void release(ByteBuffer buffer) {
        heldBytes -= buffer.capacity();
        int size = size(buffer.capacity());
        if (size < 0) {
            pages.discard(buffer); // so large a message costs more than that
            return;
        }
        spares[size].buffers.addLast(buffer);
        spareBytes += buffer.capacity();
        if (!isTrimDue) {
            isTrimDue = true;
            afterAWhile.accept(this::trim);
        }
    }

    private void discardOldest(int size) {
        var buffer = spares[size].buffers.pollFirst();
        spares[size].unused = Math.max(0, spares[size].unused - 1);
        spareBytes -= buffer.capacity();
        pages.discard(buffer);
    }

    /** Discard what was of no use since the last time, and come back as long as there is something spare. */
    private void trim() {
        int pieces = 0;
        while (!isTrimmed()) {
            pieces++; // whoever waits for the lock comes first
        }
        if (pieces > 0) {
            pages.trimHeap();
        }
    }

    private synchronized boolean isTrimmed() {
        long enough = spareBytes - DISCARDED_AT_ONCE;
        for (int size = 0; size < spares.length; size++) {
            while (spares[size].unused > 0) {
                if (spareBytes < enough) {
                    return false;
                }
                discardOldest(size);
            }
        }
        for (var each : spares) {
            each.unused = each.buffers.size();
        }
        isTrimDue = spareBytes > 0;
        if (isTrimDue) {
            afterAWhile.accept(this::trim);
        }
        return true;
    }

    /** {@return the bytes given out and not yet come back, by capacity} */
    public synchronized long heldBytes() {
        return heldBytes;
    }

    /** {@return the bytes that nobody uses and that are not the operating system's again yet} */
    synchronized long spareBytes() {
        return spareBytes;
    }
}
