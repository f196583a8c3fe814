package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.testkit.Example;
import dev.socketforwarder.testkit.HandshakeContract;
import java.util.List;

/** The policy {@code prefix} keeps the promises of the API. */
class PrefixContractTest extends HandshakeContract {

    @Override
    protected HandshakePolicy policy() {
        return new PrefixHandshake();
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                Example.admitted("SOCKETFORWARDER-NEW:chat\ndata", "chat", 25),
                Example.admitted("SOCKETFORWARDER-NEW:\u00e9\r\n", "\u00e9", 24),
                Example.admitted("SOCKETFORWARDER-NEW:5000", "5000", 24).arriving(Arrival.DATAGRAM),
                Example.undecided("SOCKETFORWARDER-NE"),
                Example.refused("SOCKETFORWARDER-NEW:\n"),
                Example.refused("GET / HTTP/1.1\n"));
    }
}
