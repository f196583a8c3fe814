package dev.socketforwarder.runtime.memory;

import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Provides buffers outside the Java heap, without a garbage collector: a discarded buffer returns to the operating
 * system at once. Not thread-safe.
 */
interface Pages {

    /**
     * {@return a buffer of exactly this capacity, with undefined content}
     *
     * @throws dev.socketforwarder.api.buffer.OutOfQueueException if the operating system has no more memory
     */
    ByteBuffer take(int capacity);

    /** Give back the memory of a buffer that nothing uses any more. */
    void discard(ByteBuffer buffer);

    /**
     * Give back memory that other code of this process has freed and the C library keeps. May be called by any thread,
     * and may take milliseconds.
     */
    default void trimHeap() {}

    /** {@return the best kind for this machine} */
    static Pages ofThisMachine() {
        return MappedPages.isSupported() ? new MappedPages() : new Arenas();
    }

    /** Uses an arena for each buffer. Works everywhere, but closing an arena is slow. */
    final class Arenas implements Pages {
        private final Map<ByteBuffer, Arena> arenas = new IdentityHashMap<>();

        @Override
        public ByteBuffer take(int capacity) {
            var arena = Arena.ofShared();
            try {
                var buffer = arena.allocate(capacity).asByteBuffer();
                arenas.put(buffer, arena);
                return buffer;
            } catch (OutOfMemoryError _) {
                arena.close();
                throw new OutOfQueueException();
            }
        }

        @Override
        public void discard(ByteBuffer buffer) {
            arenas.remove(buffer).close();
        }
    }
}
