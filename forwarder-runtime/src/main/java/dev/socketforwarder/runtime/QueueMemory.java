package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Memory;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/** Direct memory for queued bytes, in a few sizes; some buffers of each stay for the next that lag. */
final class QueueMemory implements Memory {
    /** Bytes of buffers that stay when nobody holds them. */
    static final long MOST_SPARE = 16 << 20;

    // The last one is for a message of 1 MiB with its frame.
    private static final int[] CAPACITIES = {4 << 10, 16 << 10, 64 << 10, 256 << 10, (1 << 20) + (4 << 10)};

    // Guarded by this. A lock, since a queue without one allocates for each buffer that comes back.
    private final ArrayDeque<ByteBuffer>[] spare = queues();
    private long spareBytes;

    private final AtomicLong heldBytes = new AtomicLong();

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    private static ArrayDeque<ByteBuffer>[] queues() {
        ArrayDeque<ByteBuffer>[] queues = new ArrayDeque[CAPACITIES.length];
        for (int size = 0; size < queues.length; size++) {
            queues[size] = new ArrayDeque<>();
        }
        return queues;
    }

    /** {@return how much a buffer for so many bytes takes} */
    static int capacity(int bytes) {
        for (int capacity : CAPACITIES) {
            if (capacity >= bytes) {
                return capacity;
            }
        }
        return bytes;
    }

    @Override
    public ByteBuffer acquire(int bytes) {
        var buffer = find(bytes);
        heldBytes.addAndGet(buffer.capacity());
        return buffer;
    }

    private ByteBuffer find(int bytes) {
        for (int size = 0; size < CAPACITIES.length; size++) {
            if (CAPACITIES[size] >= bytes) {
                var buffer = takeSpare(size);
                return buffer == null ? ByteBuffer.allocateDirect(CAPACITIES[size]) : buffer;
            }
        }
        return ByteBuffer.allocateDirect(bytes);
    }

    private synchronized ByteBuffer takeSpare(int size) {
        var buffer = spare[size].pollLast();
        if (buffer != null) {
            spareBytes -= buffer.capacity();
        }
        return buffer;
    }

    @Override
    public void release(ByteBuffer buffer) {
        heldBytes.addAndGet(-buffer.capacity());
        for (int size = 0; size < CAPACITIES.length; size++) {
            if (buffer.capacity() == CAPACITIES[size]) {
                putSpare(size, buffer);
            }
        }
    }

    private synchronized void putSpare(int size, ByteBuffer buffer) {
        if (spareBytes + buffer.capacity() <= MOST_SPARE) {
            spareBytes += buffer.capacity();
            spare[size].addLast(buffer);
        }
    }

    /** {@return the bytes given out and not yet come back, by capacity} */
    long heldBytes() {
        return heldBytes.get();
    }
}
