package dev.socketforwarder.api.buffer;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.nio.ByteBuffer;

/** Provides memory for queued bytes, counts it, and limits it. Thread-safe. */
@NotForImplementation
public interface Memory {

    /**
     * {@return a direct buffer of at least {@code bytes} bytes. The buffer's capacity is counted until the buffer comes back}
     *
     * @param bytes how many bytes are needed, 0 or more
     * @throws OutOfQueueException if the limit is reached
     */
    ByteBuffer acquire(int bytes);

    /**
     * Take back a buffer that {@link #acquire} provided.
     *
     * @param buffer the buffer, which no one uses any more
     */
    void release(ByteBuffer buffer);
}
