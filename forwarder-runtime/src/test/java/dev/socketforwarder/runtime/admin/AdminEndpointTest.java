package dev.socketforwarder.runtime.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestMonitor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Changes the settings of an admin endpoint that runs. */
@Timeout(60)
class AdminEndpointTest {
    private static final int LIMIT_MS = 20_000;

    private final TestMonitor monitor = new TestMonitor();
    private final AdminEndpoint admin = new AdminEndpoint();

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        start("port: 0");
    }

    private void start(String settings) throws IOException {
        admin.start(
                settings(settings),
                monitor.monitor,
                groups -> new Metrics(new ForwarderMetrics(monitor.subject, monitor.sampler, groups)),
                false);
    }

    @AfterEach
    void close() {
        admin.close();
        monitor.close();
    }

    private static Optional<AdminSettings> settings(String section) {
        return AdminSettings.read(
                Fakes.yaml("admin: {" + section + "}").topLevel().section("admin"));
    }

    private String token(String text) throws IOException {
        return "token-file: '" + Files.writeString(folder.resolve(text), text) + "'";
    }

    private void change(String section) throws IOException {
        admin.change(settings(section)).keep().run();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        var socket = new Socket();
        socket.setSoTimeout(LIMIT_MS);
        socket.connect(address, LIMIT_MS);
        return socket;
    }

    private static int status(InetSocketAddress address, String request, String... headers) throws IOException {
        try (var socket = connect(address)) {
            send(socket, TestAdmin.head(request, headers) + "Content-Length: 0\r\n\r\n");
            return TestAdmin.status(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static InetSocketAddress at(String host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    @Test
    void theRulesChangeWhereTheServerListens() throws IOException {
        var address = admin.address();
        change("port: 0, " + token("the first token of all"));
        assertThat(admin.address()).isEqualTo(address);
        assertThat(status(address, "GET /api/v1/configuration")).isEqualTo(401);
        assertThat(status(address, "GET /api/v1/configuration", "Authorization: Bearer the first token of all"))
                .isEqualTo(200);
        change("port: 0, " + token("another token of some"));
        assertThat(status(address, "GET /api/v1/configuration", "Authorization: Bearer the first token of all"))
                .isEqualTo(401);
    }

    @Test
    void aSessionLastsAsLongAsItsToken() throws IOException {
        var secret = token("the first token of all");
        change("port: 0, " + secret);
        var cookie = "Cookie: " + Guard.COOKIE + "=" + signedIn();
        change("port: 0, hosts: [forwarder.example], " + secret);
        assertThat(status(admin.address(), "GET /api/v1/configuration", cookie)).isEqualTo(200);
        change("port: 0, " + token("another token of some"));
        assertThat(status(admin.address(), "GET /api/v1/configuration", cookie)).isEqualTo(401);
    }

    private String signedIn() throws IOException {
        try (var socket = connect(admin.address())) {
            var body = "{\"token\": \"the first token of all\"}";
            send(
                    socket,
                    TestAdmin.head("POST /api/v1/session") + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            var reply = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return reply.split(Guard.COOKIE + "=")[1].split(";")[0];
        }
    }

    @Test
    void streamsEndWhenTheRulesChange() throws IOException {
        try (var socket = connect(admin.address());
                var reader =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            send(socket, TestAdmin.head("GET /api/v1/events") + "\r\n");
            assertThat(reader.readLine()).contains("200");
            change("port: 0, " + token("the first token of all"));
            assertThat(reader.lines().count()).isPositive(); // to the end of the stream
        }
    }

    @Test
    void itMovesAndTheOldAddressRefuses() throws IOException {
        var before = admin.address();
        change("port: " + freePort());
        assertThat(admin.address()).isNotEqualTo(before);
        assertThat(status(admin.address(), "GET /healthz")).isEqualTo(200);
        assertClosed(before);
    }

    private static void assertClosed(InetSocketAddress address) {
        long endNs = System.nanoTime() + LIMIT_MS * 1_000_000L;
        while (isOpen(address)) {
            assertThat(System.nanoTime()).as("still open").isLessThan(endNs);
            Thread.onSpinWait();
        }
    }

    private static boolean isOpen(InetSocketAddress address) {
        try (var socket = connect(address)) {
            return socket.getInputStream().read() >= 0; // the kernel may have accepted it for a listener that goes
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    void aRequestThatCameBeforeTheMoveIsAnswered() throws IOException {
        try (var socket = connect(admin.address())) {
            var body = "{\"token\": 1}";
            send(socket, TestAdmin.head("POST /api/v1/session") + "Content-Length: " + body.length() + "\r\n\r\n{");
            assertThat(status(admin.address(), "GET /healthz")).isEqualTo(200); // the other request was read too
            change("port: " + freePort());
            send(socket, body.substring(1));
            assertThat(TestAdmin.status(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)))
                    .isEqualTo(403);
        }
    }

    @Test
    void itComesAndGoes() throws IOException {
        var address = admin.address();
        change("");
        assertClosed(address);
        assertThatThrownBy(() -> admin.address()).isInstanceOf(RuntimeException.class);
        change("port: 0");
        assertThat(status(admin.address(), "GET /healthz")).isEqualTo(200);
    }

    @Test
    void anAddressThatIsInUseChangesNothing() throws IOException {
        var before = admin.address();
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThatThrownBy(() -> change("port: " + other.getLocalPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("admin cannot listen on 127.0.0.1:" + other.getLocalPort());
        }
        assertThat(admin.address()).isEqualTo(before);
        assertThat(status(before, "GET /healthz")).isEqualTo(200);
    }

    @Test
    void anAddressThatOverlapsTheOldOneTakesItsPlaceAndGivesItBack() throws IOException {
        int port = freePort();
        var secret = token("the first token of all");
        change("port: " + port + ", " + secret);
        var change = admin.change(settings("port: " + port + ", host: 0.0.0.0, " + secret));
        assertThat(status(at("127.0.0.2", port), "GET /healthz")).isEqualTo(200);
        change.undo().run();
        assertThat(admin.address()).isEqualTo(at("127.0.0.1", port));
        assertThat(status(admin.address(), "GET /healthz")).isEqualTo(200);
        assertThatThrownBy(() -> connect(at("127.0.0.2", port))).isInstanceOf(SocketException.class);
    }

    @Test
    void aChangeThatIsTakenBackLeavesTheServerAsItWas() throws IOException {
        var before = admin.address();
        admin.change(settings("port: " + freePort())).undo().run();
        admin.change(settings("port: 0, " + token("the first token of all")))
                .undo()
                .run();
        assertThat(admin.address()).isEqualTo(before);
        assertThat(status(before, "GET /api/v1/configuration")).isEqualTo(200);
    }
}
