package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Endpoints with {@code connect}; how their servers are dialled is tested beside what dials them. */
@Timeout(60)
class ConnectTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Test
    void itNeverConnectsToItselfAsOneWhomItsAddressMakesAMember() throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        var settings = new HashMap<String, Object>(Map.of(
                "port",
                port,
                "preconfig-addresses",
                List.of("g:127.0.0.1:*"),
                "connect",
                List.of(Map.of("group", "g", "to", "127.0.0.1:" + port))));
        try (var server = new TcpServer(settings)) {
            TestServer.await("two refusals", () -> server.count(Reason.CONNECT_FAILED) >= 2);
            server.awaitMembers(0);
        }
    }

    @Test
    void whoOnlyConnectsNeedsNoPort() throws IOException {
        try (var dialled = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
                var context = new TestContext(Map.of(
                        "connect",
                        List.of(Map.of("group", "g", "to", "127.0.0.1:" + dialled.getLocalPort(), "send", "hello"))))) {
            var endpoint = new TcpTransport().open(context);
            endpoint.start();
            assertThat(endpoint.localAddresses()).isEmpty();
            assertThat(new TestClient(dialled.accept()).readText(5)).isEqualTo("hello");
            endpoint.quiesce(GRACE);
            assertThat(endpoint.stop(GRACE)).isEqualTo(Unsent.NONE);
        }
    }
}
