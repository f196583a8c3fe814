package dev.socketforwarder.runtime.streams;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Buffers of one TLS record each, for connections that have a part of one: a member that is idle, or keeps up, holds
 * none. Bounded in all. Thread-safe.
 */
final class TlsBuffers {
    /** The largest record there is (16 KiB of text, and what a cipher adds to it), and some. */
    static final int RECORD = 17 * 1024;

    private static final int MOST_SPARE = 64;
    private static final int LEAST = 64;
    private static final int PART_OF_HEAP = 8;

    /** There are as many in use as may be. */
    static final class Exhausted extends IOException {
        private static final long serialVersionUID = 1L;

        Exhausted() {
            super("too many unfinished TLS records");
        }
    }

    private final int most;
    private final ArrayDeque<ByteBuffer> spare = new ArrayDeque<>();
    private int used;

    TlsBuffers() {
        this((int)
                Math.max(LEAST, Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / PART_OF_HEAP / RECORD)));
    }

    TlsBuffers(int most) {
        this.most = most;
    }

    /** {@return an empty one, in the heap: the direct memory is the queues'} */
    synchronized ByteBuffer acquire() throws Exhausted {
        if (used >= most) {
            throw new Exhausted();
        }
        used++;
        var buffer = spare.poll();
        return buffer == null ? ByteBuffer.allocate(RECORD) : buffer.clear();
    }

    synchronized void release(ByteBuffer buffer) {
        used--;
        if (spare.size() < MOST_SPARE) {
            spare.push(buffer);
        }
    }

    /** {@return how many are in use} */
    synchronized int used() {
        return used;
    }
}
