package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.streams.StreamingContext;
import dev.socketforwarder.testkit.StreamContract;
import java.util.Map;

/** The TCP transport keeps the promises of the API. */
class TcpContractTest extends StreamContract {
    private final Transport transport = StreamingContext.with(new TcpTransport(), false);

    @Override
    protected Transport transport() {
        return transport;
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("host-address", "127.0.0.1", "port", 0);
    }
}
