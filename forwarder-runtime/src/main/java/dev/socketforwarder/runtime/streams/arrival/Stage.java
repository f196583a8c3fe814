package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Reason;
import java.nio.ByteBuffer;

/**
 * One of the steps that a connection takes before it is a member. Used on the loop of its {@link ArrivingConnection}.
 */
interface Stage {

    /** Begin this stage, because the earlier stage is over. */
    void begin();

    /** Go on, because the socket is ready. */
    void onReady();

    /** Refuse the connection, because the time for all stages is over. */
    void onTimeout();

    /** {@return whether the peer would understand a line at this stage} */
    default boolean canReply() {
        return false;
    }

    /** The connection ends at this stage: say so, and release what the stage holds. Called once. */
    default void end(Reason reason) {}

    /** {@return what the peer has sent in this stage, as far as a log may show it} */
    default ByteBuffer received() {
        return ByteBuffer.allocate(0);
    }
}
