package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Makes the first bytes that a new member is sent: a client gets its group's join reply, a dialled server gets the
 * {@code send} setting.
 */
@FunctionalInterface
public interface Greeting {

    /** {@return the bytes, in direct memory from 0 to the capacity, not to be changed; empty if there are none} */
    Optional<ByteBuffer> of(Membership joined);

    /** Send the first bytes before any data. Nothing has been delivered to the member yet. */
    default void send(Membership joined, Connection connection) {
        of(joined).ifPresent(first -> {
            var block = Block.borrowed(first); // a view for this call alone: several loops may send the bytes
            connection.deliver(new Batch(block).add(0, first.capacity()));
            connection.flush();
            block.recycle();
        });
    }
}
