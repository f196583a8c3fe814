package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;

/** Where queued bytes live: counts them, and bounds them. Thread-safe. Not for implementation by plugins. */
public interface Memory {

    /**
     * {@return a direct buffer of at least {@code bytes}, counted by its capacity until it comes back}
     *
     * @param bytes how many are needed, 0 or more
     * @throws OutOfQueueException if no more may be held
     */
    ByteBuffer acquire(int bytes);

    /**
     * Take back a buffer that {@link #acquire} gave. Any thread.
     *
     * @param buffer nobody reads or writes it any more
     */
    void release(ByteBuffer buffer);
}
