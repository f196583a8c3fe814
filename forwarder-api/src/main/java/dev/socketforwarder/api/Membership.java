package dev.socketforwarder.api;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.OutboundQueue;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One member's part in one group. Not for implementation by plugins. Every method is called on the owner's thread.
 */
public interface Membership {

    /**
     * Give this to all other members of the group.
     *
     * <p>Members with the same owner get the very {@code batch} by {@link Member#deliver} before this returns. For those
     * of other owners its bytes are copied, once for all of them, and handed over. What one member publishes reaches each
     * other member in that order. A member of another form gets what it can take of it, converted.
     *
     * @param batch belongs to the caller again on return; see {@link dev.socketforwarder.api.buffer.Block Block} on how long its bytes must stay
     */
    void publish(Batch batch);

    /**
     * {@return the queue for what this member cannot take at once; with this group's limits}
     */
    OutboundQueue queue();

    /**
     * {@return what parts this member's stream into messages, as the group's framing demands; for members of streams}
     */
    Deframer deframer();

    /**
     * {@return how fast this member may be read, and all of its group together; for members that can be paused}
     */
    default Rates rates() {
        return Rates.UNLIMITED;
    }

    /**
     * {@return what a member of a stream gets first, before anything is delivered: in the group's framing, in direct memory
     * from 0 to its capacity, not to be changed; empty if it gets nothing}
     */
    default Optional<ByteBuffer> joinReply() {
        return Optional.empty();
    }

    /** Leave the group; nothing is delivered after. Does nothing the second time. */
    void leave();
}
