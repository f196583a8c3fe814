package dev.socketforwarder.runtime.memory;

import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Where buffers come from, outside the Java heap and without a garbage collector: what is discarded is the operating system's again
 * at once. Not thread-safe.
 */
interface Pages {

    /**
     * {@return a buffer of exactly this capacity, whose content is undefined}
     *
     * @throws dev.socketforwarder.api.buffer.OutOfQueueException if the operating system gives no more
     */
    ByteBuffer take(int capacity);

    /** Give the memory of a buffer back that nobody uses any more. */
    void discard(ByteBuffer buffer);

    /** Give back what others of this process have freed and the C library keeps. Any thread; may take milliseconds. */
    default void trimHeap() {}

    /** {@return the kind that this machine has} */
    static Pages ofThisMachine() {
        return MappedPages.isSupported() ? new MappedPages() : new Arenas();
    }

    /** An arena for each buffer: works everywhere, though to close one is slow. */
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
