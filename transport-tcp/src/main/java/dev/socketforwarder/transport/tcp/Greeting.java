package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Membership;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What a member is sent first, before any data. */
@FunctionalInterface
interface Greeting {

    /** {@return it, in direct memory from 0 to its capacity, not to be changed; empty if there is none} */
    Optional<ByteBuffer> of(Membership joined);
}
