package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Direct memory for queued bytes, in six sizes; a few buffers of each stay for the next that lag. */
final class QueueMemory implements Memory {
    private static final int SMALLEST_SHIFT = 12; // 4 KiB, 16 KiB, 64 KiB, 256 KiB, 1 MiB, 4 MiB
    private static final int SIZES = 6;
    /** Bytes of buffers that stay when nobody holds them. */
    static final long MOST_SPARE = 16 << 20;

    private final ConcurrentLinkedQueue<ByteBuffer>[] spare = queues();
    private final AtomicLong spareBytes = new AtomicLong();
    private final AtomicLong heldBytes = new AtomicLong();

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    private static ConcurrentLinkedQueue<ByteBuffer>[] queues() {
        ConcurrentLinkedQueue<ByteBuffer>[] queues = new ConcurrentLinkedQueue[SIZES];
        Arrays.setAll(queues, _ -> new ConcurrentLinkedQueue<>());
        return queues;
    }

    @Override
    public ByteBuffer acquire(int bytes) {
        var buffer = find(bytes);
        heldBytes.addAndGet(buffer.capacity());
        return buffer;
    }

    private ByteBuffer find(int bytes) {
        for (int size = 0; size < SIZES; size++) {
            int capacity = capacity(size);
            if (capacity >= bytes) {
                var buffer = spare[size].poll();
                if (buffer == null) {
                    return ByteBuffer.allocateDirect(capacity);
                }
                spareBytes.addAndGet(-capacity);
                return buffer;
            }
        }
        return ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {
        int capacity = buffer.capacity();
        heldBytes.addAndGet(-capacity);
        for (int size = 0; size < SIZES; size++) {
            if (capacity == capacity(size) && spareBytes.get() + capacity <= MOST_SPARE) {
                spareBytes.addAndGet(capacity);
                spare[size].add(buffer);
                return;
            }
        }
    }

    /** {@return the bytes given out and not yet come back, by capacity} */
    long heldBytes() {
        return heldBytes.get();
    }

    private static int capacity(int size) {
        return 1 << (SMALLEST_SHIFT + 2 * size);
    }
}
