package dev.socketforwarder.runtime.memory;

import dev.socketforwarder.api.buffer.Memory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Memory for queued bytes, in a few sizes, outside the Java heap. Used and spare buffers together never exceed the
 * limit for used ones. A buffer that stays spare for a while returns to the operating system. Thread-safe.
 */
public final class QueueMemory implements Memory {
    /** The smallest buffer, in bytes. */
    public static final int SMALLEST = 4 << 10;

    /** A spare buffer that was not needed for this long may be discarded. */
    public static final Duration IDLE = Duration.ofSeconds(1);

    /** How many bytes are discarded under the lock at once; event loops wait for the lock that long. */
    private static final long DISCARDED_AT_ONCE = 4 << 20;

    /** The largest buffer that is kept spare: for a message of 1 MiB with its frame. */
    static final int LARGEST_SPARE = (1 << 20) + SMALLEST;

    private static final int[] CAPACITIES = {SMALLEST, 16 << 10, 64 << 10, 256 << 10, LARGEST_SPARE};

    /** Spare buffers of one capacity, the last used at the end. */
    private static final class Spares {
        private final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();
        /** The fewest spare buffers since the last trim. That many were not needed. */
        private int unused;

        ByteBuffer take() {
            var buffer = buffers.pollLast();
            unused = Math.min(unused, buffers.size());
            return buffer;
        }
    }

    private final Consumer<Runnable> afterAWhile;

    // Guarded by this from here on. A concurrent queue would allocate for each buffer that is released.
    private long most;
    private long heldBytes;
    private final Spares[] spares = new Spares[CAPACITIES.length];
    private Pages pages; // null until memory is first asked for
    private long spareBytes;
    private boolean isTrimDue;

    /**
     * Make a memory that holds nothing.
     *
     * @param most the most bytes in use that the caller allows; spare buffers count too
     * @param afterAWhile runs a task after {@link #IDLE}, on a thread that may wait while memory is discarded
     */
    public QueueMemory(long most, Consumer<Runnable> afterAWhile) {
        this.most = most;
        this.afterAWhile = afterAWhile;
        for (int size = 0; size < spares.length; size++) {
            spares[size] = new Spares();
        }
    }

    /** Change the most bytes in use that the caller allows. Spare buffers beyond it are discarded. */
    public synchronized void resize(long mostBytes) {
        most = mostBytes;
        discardBeyond(0);
    }

    /** {@return the capacity of the buffer that holds this many bytes} */
    static int capacity(int bytes) {
        int size = size(bytes);
        return size >= 0 ? CAPACITIES[size] : Math.ceilDiv(bytes, SMALLEST) * SMALLEST;
    }

    /** {@return the index of the smallest sufficient capacity; -1 if the request is larger than all of them} */
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
        return buffer.clear(); // its last user may have left any position and limit
    }

    private ByteBuffer fresh(int capacity) {
        discardBeyond(capacity);
        if (pages == null) {
            pages = Pages.ofThisMachine();
        }
        return pages.take(capacity);
    }

    /** Discard spare buffers, the largest first, until this many bytes more would keep the total within the limit. */
    private void discardBeyond(long more) {
        for (int size = spares.length - 1; size >= 0 && spareBytes > 0; size--) {
            while (!spares[size].buffers.isEmpty() && heldBytes + spareBytes + more > most) {
                discardOldest(size);
            }
        }
    }

    @Override
    public synchronized void release(ByteBuffer buffer) {
        heldBytes -= buffer.capacity();
        int size = size(buffer.capacity());
        boolean isBeyond = heldBytes + spareBytes + buffer.capacity() > most; // after the limit was lowered
        if (size < 0 || isBeyond) {
            pages.discard(buffer); // filling a buffer without a size costs far more than allocating it
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

    /** Discard buffers that were not needed since the last time, and come back while any buffer is spare. */
    private void trim() {
        int pieces = 0;
        while (!isTrimmed()) {
            pieces++; // gives way to threads that wait for the lock
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

    /** {@return the bytes in use, counted by capacity} */
    public synchronized long heldBytes() {
        return heldBytes;
    }

    /** {@return the bytes of spare buffers that still hold memory} */
    synchronized long spareBytes() {
        return spareBytes;
    }
}
