package dev.socketforwarder.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.testkit.ScriptedContext;
import dev.socketforwarder.testkit.ScriptedGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WebSocketEndpointTest {
    private final ScriptedContext context = context(Map.of());
    private final Endpoint endpoint = new WebSocketTransport().open(context);

    private static ScriptedContext context(Map<String, ?> changed) {
        var settings = new HashMap<String, Object>(Map.of("port", 0, "host-address", List.of("127.0.0.1")));
        settings.putAll(changed);
        return new ScriptedContext("websocket", settings, new ScriptedGroups());
    }

    @BeforeEach
    void start() throws IOException {
        context.begin();
        endpoint.start();
    }

    @AfterEach
    void stop() {
        endpoint.stop(Duration.ZERO);
        context.close();
    }

    private void adopt(Map<String, ?> changed) {
        try (var other = context(changed)) {
            assertThat(endpoint.adopt(new WebSocketTransport().open(other))).isTrue();
        }
    }

    private static String status(InetSocketAddress address) throws IOException {
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(Wire.utf8("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            return new String(socket.getInputStream().readNBytes("HTTP/1.1 404".length()));
        }
    }

    @Test
    void itMovesToOtherAddresses() throws IOException {
        int port = address().getPort();
        adopt(Map.of("host-address", List.of("127.0.0.1", "127.0.0.2")));

        assertThat(endpoint.localAddresses())
                .containsExactly(new InetSocketAddress("127.0.0.1", port), new InetSocketAddress("127.0.0.2", port));
        assertThat(status(new InetSocketAddress("127.0.0.2", port))).isEqualTo("HTTP/1.1 404");
        assertThat(status(new InetSocketAddress("127.0.0.1", port))).isEqualTo("HTTP/1.1 404");
    }

    @Test
    void whereAnAddressIsTakenNothingChanges() throws IOException {
        var before = endpoint.localAddresses();
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> adopt(Map.of("port", other.getLocalPort())))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("Address already in use");
        }

        assertThat(endpoint.localAddresses()).isEqualTo(before);
        assertThat(status(address())).isEqualTo("HTTP/1.1 404");
    }

    private InetSocketAddress address() {
        return (InetSocketAddress) endpoint.localAddresses().getFirst();
    }
}
