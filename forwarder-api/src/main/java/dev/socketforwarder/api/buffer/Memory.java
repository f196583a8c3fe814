package dev.socketforwarder.api.buffer;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.nio.ByteBuffer;

/** Provides memory for queued bytes, counts it, and limits it. Thread-safe. */
@NotForImplementation
public interface Memory {

    /**
     * {@return a direct buffer whose capacity is at least {@code bytes}, and may be larger, with the position 0 and the limit at the
     * capacity. The capacity is counted until the buffer comes back. The content may be anything, since others have used the buffer}
     *
     * @param bytes how many bytes are needed, 0 or more
     * @throws OutOfQueueException if the limit is reached
     */
    ByteBuffer acquire(int bytes);

    /**
     * Take back a buffer that {@link #acquire} provided, exactly once.
     *
     * @param buffer the buffer itself, and no duplicate of it, which no one uses any more; in any position and limit
     */
    void release(ByteBuffer buffer);
}
