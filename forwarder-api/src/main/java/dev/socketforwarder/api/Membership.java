package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.OutboundQueue;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Represents one member's part in one group. Every method must be called on the owner's thread.
 */
@NotForImplementation
public interface Membership {

    /**
     * Deliver a batch to all other members of the group.
     *
     * <p>Members with the same owner receive the {@code batch} itself by {@link Member#deliver} before this method returns. For
     * members with other owners, the runtime copies the bytes once and hands the copy over. Each member receives the messages of
     * one publisher in order. For a member of another form, the runtime converts the messages and omits those that do not fit
     * this form.
     *
     * @param batch the messages; the batch belongs to the caller again when this method returns. {@link
     *     dev.socketforwarder.api.buffer.Block Block} says how long the bytes must stay unchanged
     */
    void publish(Batch batch);

    /**
     * {@return the queue for bytes that this member does not take at once, with the limits of the group}
     */
    OutboundQueue queue();

    /**
     * {@return the deframer that splits this member's stream into messages by the group's framing; for members of streams}
     */
    Deframer deframer();

    /**
     * {@return the size of the largest bare message that the group allows, in bytes}
     */
    int largestMessage();

    /**
     * {@return the memory for messages of this member that are not complete yet; it is limited and counted}
     */
    Memory memory();

    /**
     * {@return the read rates for this member, and for all members of the group together; for members that can be paused}
     */
    Rates rates();

    /**
     * {@return the reply that a stream's member sends to its peer before any delivery; empty if there is none. The reply is in
     * the member's encoding, or in the group's framing, and in direct memory, from 0 to capacity, and must not be changed}
     */
    Optional<ByteBuffer> joinReply();

    /**
     * Leave the group. The runtime delivers nothing to the member afterwards. A second call does nothing.
     *
     * @param reason why the member leaves, for the log
     */
    void leave(Reason reason);
}
