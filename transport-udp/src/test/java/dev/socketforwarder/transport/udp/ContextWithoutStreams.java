package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.TransportContext;
import java.util.List;
import java.util.Optional;

/** A context that refuses what no UDP endpoint asks for. */
public interface ContextWithoutStreams extends TransportContext {
    @Override
    default Optional<Tls> tls() {
        throw new AssertionError("a UDP endpoint has no TLS");
    }

    @Override
    default Places connections() {
        throw new AssertionError("a UDP endpoint has no connections");
    }

    @Override
    default EndpointLoop loop() {
        throw new AssertionError("a UDP endpoint has a loop of its own");
    }

    @Override
    default Streams streams(List<String> policies) {
        throw new AssertionError("a UDP endpoint has no streams");
    }
}
