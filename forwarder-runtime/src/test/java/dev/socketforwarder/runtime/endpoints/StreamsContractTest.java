package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.streams.StreamingContext;
import dev.socketforwarder.runtime.testing.UnixTransport;
import dev.socketforwarder.testkit.StreamContract;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** A transport that is served by the runtime's streams keeps the promises of the API, without IP addresses as well. */
class StreamsContractTest extends StreamContract {
    private final Transport transport = StreamingContext.with(new UnixTransport(), true);

    @TempDir
    private Path folder;

    private int endpoints;

    @Override
    protected Transport transport() {
        return transport;
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
