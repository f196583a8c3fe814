package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.testkit.Example;
import dev.socketforwarder.testkit.HandshakeContract;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/** The policy {@code address} keeps the promises of the API. */
class AddressContractTest extends HandshakeContract {
    private static final Peer KNOWN =
            new Peer("tcp", new InetSocketAddress("10.1.2.3", 5_000), new InetSocketAddress("127.0.0.1", 6_753));

    @Override
    protected HandshakePolicy policy() {
        return new AddressPolicy();
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("preconfig-addresses", "sensors:10.1.0.0/16:*");
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                Example.admitted("", "sensors", 0).of(KNOWN).arriving(Arrival.NONE),
                Example.admitted("data", "sensors", 0).of(KNOWN),
                Example.refused("data"));
    }
}
