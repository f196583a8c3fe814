package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Memory that refuses a buffer that is not out, and overwrites returned buffers. */
final class CheckedMemory implements Memory {
    private final Set<ByteBuffer> out = Collections.newSetFromMap(new IdentityHashMap<>());
    private int acquired;
    /** Whether the memory refuses further buffers. */
    volatile boolean exhausted;

    @Override
    public synchronized ByteBuffer acquire(int bytes) {
        if (exhausted) {
            throw new OutOfQueueException();
        }
        var buffer = ByteBuffer.allocateDirect(bytes);
        out.add(buffer);
        acquired++;
        return buffer;
    }

    @Override
    public synchronized void release(ByteBuffer buffer) {
        if (!out.remove(buffer)) {
            throw new IllegalStateException("released twice, or never acquired");
        }
        var all = buffer.duplicate().clear();
        while (all.hasRemaining()) {
            all.put((byte) 0xEE); // so that a reader of the returned buffer is noticed
        }
    }

    synchronized long heldBytes() {
        return out.stream().mapToLong(ByteBuffer::capacity).sum();
    }

    synchronized int acquired() {
        return acquired;
    }
}
