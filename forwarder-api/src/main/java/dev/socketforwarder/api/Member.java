package dev.socketforwarder.api;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Encoding;
import java.util.Optional;

/**
 * Represents one socket in a group. A transport implements this interface. The runtime calls every method on the owner's thread. No
 * method may block or throw. No method except {@link #close} may leave the group before it returns.
 */
public interface Member {

    /**
     * Take messages of another member: queue the messages, or send them at once if this kind of socket queues nothing.
     *
     * <p>A peer of a stream receives everything that is delivered to it, unchanged and in order, however slowly the peer reads.
     *
     * <p>After deliveries, the owner flushes each member that received something before the owner waits again. One flush serves all
     * deliveries of a turn.
     *
     * @param batch the messages, valid during this call; {@link dev.socketforwarder.api.buffer.Block Block} says how long the
     *     bytes stay
     */
    void deliver(Batch batch);

    /**
     * {@return the form in which this member takes messages; the same at every call}
     */
    default Batch.Form form() {
        return Batch.Form.STREAM;
    }

    /**
     * {@return whether this member takes messages in the form in which they were published, whatever its own {@link #form}: a stream
     * of the group's framing as {@code STREAM}, datagrams and the messages of codecs as {@code MESSAGES}, with their kinds. Useful for
     * bridges, which convert nothing. The same at every call}
     */
    default boolean takesEitherForm() {
        return false;
    }

    /**
     * {@return how messages look to this member's peer; empty if they have the group's framing. A member whose {@link #form} is {@code
     * STREAM} may have an encoding: then each part of a batch that it gets is a run of encoded messages. The same at every call}
     */
    default Optional<Encoding> encoding() {
        return Optional.empty();
    }

    /**
     * {@return the largest bare message that this member takes, in bytes; for members whose {@link #form} is messages}
     */
    default int largestMessage() {
        return Integer.MAX_VALUE;
    }

    /**
     * {@return whether {@link #pause} stops this sender. If {@code pause} cannot stop the sender, its messages for full members are
     * dropped and counted}
     */
    default boolean pausable() {
        return true;
    }

    /** Read nothing from this peer until {@link #resume} is called: another member of the group is full. */
    default void pause() {}

    /** Read from this peer again. Members whose {@code resume} was called earlier read first. */
    default void resume() {}

    /**
     * Close this member's connection without flushing, and leave the group.
     *
     * @param reason why the member is closed, for the log and the counters
     */
    void close(Reason reason);

    /**
     * {@return the text that identifies this member in logs: its address, of bounded length and without control characters}
     */
    String describe();
}
