package com.example.localsocket;

import dev.socketforwarder.api.Transport;
import dev.socketforwarder.testkit.StreamContract;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the transport keeps the promises of the API. */
class SocketTransportTest extends StreamContract {
    @TempDir
    private Path folder;

    private int endpoints;

    @Override
    protected Transport transport() {
        return new SocketTransport();
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("path", folder.resolve("socket-" + endpoints++));
    }

    @Override
    protected Map<String, ?> settingsAt(SocketAddress taken) {
        return Map.of("path", ((UnixDomainSocketAddress) taken).getPath());
    }
}
