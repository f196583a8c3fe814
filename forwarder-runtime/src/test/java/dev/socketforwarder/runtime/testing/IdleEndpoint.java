package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.Endpoint;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/** An endpoint that listens nowhere and does nothing. */
public class IdleEndpoint implements Endpoint {
    @Override
    public void start() throws IOException {}

    @Override
    public List<SocketAddress> localAddresses() {
        return List.of();
    }

    @Override
    public void quiesce(Duration limit) {}

    @Override
    public Unsent stop(Duration limit) {
        return Unsent.NONE;
    }
}
