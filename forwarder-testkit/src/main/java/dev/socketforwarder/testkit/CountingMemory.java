package dev.socketforwarder.testkit;

import dev.socketforwarder.api.buffer.Memory;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes in use, and overwrites returned buffers. So a transport that still reads a returned buffer sends wrong bytes,
 * which a test notices.
 */
final class CountingMemory implements Memory {
    private static final byte SPOILT = (byte) 0xDD;

    private final AtomicLong held = new AtomicLong();

    long held() {
        return held.get();
    }

    @Override
    public ByteBuffer acquire(int bytes) {
        held.addAndGet(bytes);
        return ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {
        held.addAndGet(-buffer.capacity());
        for (int i = 0; i < buffer.capacity(); i++) {
            buffer.put(i, SPOILT);
        }
    }
}
