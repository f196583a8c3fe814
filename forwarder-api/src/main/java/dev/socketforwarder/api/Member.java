package dev.socketforwarder.api;

import dev.socketforwarder.api.buffer.Batch;

/**
 * A socket in a group, as a transport brings it. Every method is called on the owner's thread, must not block and must
 * not throw. None may leave the group before it returns but {@link #close}.
 */
public interface Member {

    /**
     * Take messages of another member: queue them, or send them at once where nothing can wait.
     *
     * <p>A peer of a stream gets all that is delivered to it, unchanged and in this order, however slowly it reads.
     *
     * <p>The owner flushes every member that was given something before it waits again, once for all that it was given.
     *
     * @param batch valid during this call; see {@link dev.socketforwarder.api.buffer.Block Block} on how long its bytes stay
     */
    void deliver(Batch batch);

    /**
     * {@return the form in which this member takes messages; always the same}
     */
    default Batch.Form form() {
        return Batch.Form.STREAM;
    }

    /**
     * {@return the largest bare message that this member takes, in bytes, where its {@link #form} is messages}
     */
    default int largestMessage() {
        return Integer.MAX_VALUE;
    }

    /**
     * {@return whether {@link #pause} stops this sender. The messages of a sender that cannot be paused are dropped, and counted,
     * for members that are full}
     */
    default boolean pausable() {
        return true;
    }

    /** Read nothing from this peer until {@link #resume}: another member of the group is full. */
    default void pause() {}

    /** Read again, after those for which this was called earlier. */
    default void resume() {}

    /**
     * End this member's connection, flushing nothing, and leave the group.
     *
     * @param reason why, for the log and the counters
     */
    void close(Reason reason);

    /**
     * {@return the text by which logs name this member: its address, bounded and without control characters}
     */
    String describe();
}
