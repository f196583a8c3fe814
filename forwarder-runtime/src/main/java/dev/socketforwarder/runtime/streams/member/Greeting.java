package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What a member is sent first: a client its group's join reply, a server what {@code send} says. */
@FunctionalInterface
public interface Greeting {

    /** {@return it, in direct memory from 0 to its capacity, not to be changed; empty if there is none} */
    Optional<ByteBuffer> of(Membership joined);

    /** Send it before any data: nothing has been delivered yet. */
    default void send(Membership joined, Connection connection) {
        of(joined).ifPresent(first -> {
            var block = Block.borrowed(first); // a view of its own: several loops do this
            connection.deliver(new Batch(block).add(0, first.capacity()));
            connection.flush();
            block.recycle();
        });
    }
}
