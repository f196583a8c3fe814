package dev.socketforwarder.api.buffer;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.nio.ByteBuffer;

/** Gives out the memory for queued bytes, counts it, and bounds it. Thread-safe. */
@NotForImplementation
public interface Memory {

    /**
     * {@return a direct buffer of at least {@code bytes}, counted by its capacity until it comes back}
     *
     * @param bytes how many bytes are needed, 0 or more
     * @throws OutOfQueueException if the bound is reached
     */
    ByteBuffer acquire(int bytes);

    /**
     * Take back a buffer that {@link #acquire} gave. Any thread may call.
     *
     * @param buffer the buffer, which nobody uses any more
     */
    void release(ByteBuffer buffer);
}
