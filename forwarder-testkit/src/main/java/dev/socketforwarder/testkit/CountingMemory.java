package dev.socketforwarder.testkit;

import dev.socketforwarder.api.buffer.Memory;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes in use, and overwrites returned buffers. So a transport that still reads a returned buffer sends wrong bytes,
 * which a test notices. As the runtime's, a buffer may be larger than was asked.
 */
final class CountingMemory implements Memory {
    private static final byte SPOILT = (byte) 0xDD;
    private static final int MORE = 64;

    private final AtomicLong held = new AtomicLong();

    long held() {
        return held.get();
    }

    @Override
    public ByteBuffer acquire(int bytes) {
        var buffer = ByteBuffer.allocateDirect(bytes + MORE);
        held.addAndGet(buffer.capacity());
        return buffer;
    }

    @Override
    public void release(ByteBuffer buffer) {
        held.addAndGet(-buffer.capacity());
        var all = buffer.duplicate().clear();
        while (all.hasRemaining()) {
            all.put(SPOILT);
        }
    }
}
