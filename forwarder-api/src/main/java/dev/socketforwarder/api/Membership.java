package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.OutboundQueue;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One member's part in one group. Every method is called on the owner's thread.
 */
@NotForImplementation
public interface Membership {

    /**
     * Give this to all other members of the group.
     *
     * <p>Members with the same owner get the very {@code batch} by {@link Member#deliver} before this method returns. For members
     * of other owners the bytes are copied once and handed over. Each member gets the messages of one publisher in their order.
     * A member of another form gets the messages converted, as far as they fit its form.
     *
     * @param batch belongs to the caller again on return; see {@link dev.socketforwarder.api.buffer.Block Block} on how long its bytes must stay
     */
    void publish(Batch batch);

    /**
     * {@return the queue of bytes that this member cannot take at once, with the group's limits}
     */
    OutboundQueue queue();

    /**
     * {@return the deframer, which splits this member's stream into messages by the group's framing; for members of streams}
     */
    Deframer deframer();

    /**
     * {@return how fast this member, and all members of the group together, may be read; for members that can be paused}
     */
    Rates rates();

    /**
     * {@return the reply to joining, which a member of a stream is sent before anything is delivered; empty if there is none. The
     * reply is in the group's framing, in direct memory from 0 to its capacity, and must not be changed}
     */
    Optional<ByteBuffer> joinReply();

    /**
     * Leave the group. Nothing is delivered afterwards. A second call does nothing.
     *
     * @param reason why the member leaves, for the log
     */
    void leave(Reason reason);
}
