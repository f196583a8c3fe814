package dev.socketforwarder.runtime.streams.dial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestServer;
import dev.socketforwarder.runtime.testing.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that are dialled with TLS over the loopback. Their certificates are for localhost. */
@Timeout(60)
class TlsDialTest {
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final TestCertificates CERTIFICATES = new TestCertificates();
    private static final TestCertificates OTHERS = new TestCertificates();
    private static final ServerSocketFactory TLS =
            CERTIFICATES.context(CERTIFICATES.issue("CN=server")).getServerSocketFactory();

    @TempDir
    private Path folder;

    private Path ca;

    @BeforeEach
    void writeAuthority() throws IOException {
        ca = Files.writeString(folder.resolve("ca.pem"), CERTIFICATES.authorityPem());
    }

    private Map<String, Object> settings(DialledServer dialled, String serverName) {
        return dialled.settings(
                Map.of("send", "hello\n", "tls", Map.of("server-name", serverName, "ca", ca.toString())));
    }

    /** A server that speaks only this version of TLS. */
    private static DialledServer speaking(String version) throws IOException {
        return new DialledServer(new VersionedFactory(version));
    }

    private static final class VersionedFactory extends ServerSocketFactory {
        private final String version;

        VersionedFactory(String version) {
            this.version = version;
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            throw new IOException("without an address");
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog) throws IOException {
            throw new IOException("without an address");
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog, InetAddress address) throws IOException {
            var socket = (SSLServerSocket) TLS.createServerSocket(port, backlog, address);
            socket.setEnabledProtocols(new String[] {version});
            return socket;
        }
    }

    private static void assertBothWays(TestClient one, TestClient other) throws IOException {
        one.send("to the other");
        assertThat(other.readText(12)).isEqualTo("to the other");
        other.send("and back");
        assertThat(one.readText(8)).isEqualTo("and back");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aServerWithTheRightCertificateIsAMember(String version) throws IOException {
        try (var dialled = speaking(version);
                var server = new DiallingServer(settings(dialled, "localhost"))) {
            var connection = dialled.accept();
            assertThat(connection.readText(6)).isEqualTo("hello\n");
            assertThat(((SSLSocket) connection.socket).getSession().getProtocol())
                    .isEqualTo(version);
            server.awaitMembers(1);
            var client = server.join("g");
            assertBothWays(connection, client);
            var much = new byte[1 << 20];
            client.sendLater(much);
            assertThat(connection.read(much.length)).isEqualTo(much);
            connection.sendLater(much);
            assertThat(client.read(much.length)).isEqualTo(much);
            assertThat(server.count(Counter.CONNECTED)).isEqualTo(1);
            assertThat(server.count(Counter.CONNECTIONS)).isEqualTo(2);
            assertStops(server, dialled);
        }
    }

    private static void assertStops(TestServer server, DialledServer dialled) throws IOException {
        var ends = TestClient.later(() -> {
            dialled.goDown();
            return null;
        });
        server.endpoint.quiesce(GRACE);
        assertThat(server.endpoint.stop(GRACE)).isEqualTo(Unsent.NONE);
        ends.join();
        assertThat(server.count(Counter.CONNECTIONS)).isZero();
        assertThat(server.placedGroups()).isZero();
        assertThat(server.context.groupCount()).isZero();
    }

    /** Let a server shake hands with each connection, and assert that the dialler refuses the server at least twice. */
    private void assertRefused(DialledServer dialled, Map<String, Object> settings, String detail) throws Exception {
        var goesOn = new AtomicBoolean(true);
        try (var server = new DiallingServer(settings)) {
            var serving = TestClient.later(() -> {
                while (goesOn.get()) {
                    awaitRefusal(dialled.accept());
                }
                return null;
            });
            long startNs = System.nanoTime();
            TestServer.await("three attempts", () -> server.count(Reason.CONNECT_FAILED) >= 3);
            assertThat(System.nanoTime() - startNs).as("with pauses between").isGreaterThan(BackOff.FIRST_NS);
            assertThat(server.context.lastDetail(Reason.CONNECT_FAILED))
                    .startsWith("127.0.0.77:" + dialled.address().getPort() + ": ")
                    .contains(detail)
                    .doesNotContain("\n");
            assertThat(server.count(Counter.CONNECTED)).isZero();
            assertThat(server.count(Counter.JOINED)).isZero();
            goesOn.set(false);
            assertStops(server, dialled);
            serving.exceptionally(_ -> null).join();
        }
    }

    private static void awaitRefusal(TestClient connection) {
        try {
            connection.readToEnd();
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        Files.writeString(ca, OTHERS.authorityPem());
        try (var dialled = new DialledServer(TLS)) {
            assertRefused(dialled, settings(dialled, "localhost"), "the server's certificate is refused: ");
        }
    }

    @Test
    void aCertificateThatNoAuthorityOfTheJdkVouchesForIsRefused() throws Exception {
        try (var dialled = new DialledServer(TLS)) {
            var settings = dialled.settings(Map.of("tls", Map.of("server-name", "localhost")));
            assertRefused(dialled, settings, "the server's certificate is refused: ");
        }
    }

    @Test
    void aCertificateForAnotherNameIsRefused() throws Exception {
        try (var dialled = new DialledServer(TLS)) {
            assertRefused(dialled, settings(dialled, "other.example"), "other.example");
        }
    }

    /** The server is dialled by its address, but the certificate is for another name. */
    @Test
    void theNameIsTheHostUnlessItIsSet() throws Exception {
        try (var dialled = new DialledServer(TLS)) {
            var settings = dialled.settings(Map.of("tls", Map.of("ca", ca.toString())));
            assertRefused(dialled, settings, "127.0.0.77");
        }
    }

    @Test
    void aServerThatSpeaksPlainIsRefused() throws Exception {
        assertAnswerIsRefused("220 welcome\r\n".getBytes(StandardCharsets.UTF_8), "the server does not speak TLS");
    }

    @Test
    void theAlertOfAServerThatRefusesUsIsTold() throws Exception {
        var handshakeFailure = HexFormat.of().parseHex("15030300020228");
        assertAnswerIsRefused(handshakeFailure, "handshake_failure");
    }

    private void assertAnswerIsRefused(byte[] answer, String detail) throws IOException {
        try (var dialled = new DialledServer();
                var server = new DiallingServer(settings(dialled, "localhost"))) {
            dialled.accept().send(answer);
            TestServer.await("a refusal", () -> server.count(Reason.CONNECT_FAILED) >= 1);
            assertThat(server.context.lastDetail(Reason.CONNECT_FAILED)).endsWith(detail);
            assertStops(server, dialled);
        }
    }

    @Test
    void aServerThatSaysNothingIsGivenUpAndTriedAgain() throws Exception {
        try (var dialled = new DialledServer()) {
            var settings = new HashMap<>(settings(dialled, "localhost"));
            settings.put("connect-timeout", Duration.ofMillis(200));
            try (var server = new DiallingServer(settings)) {
                dialled.accept();
                dialled.accept();
                assertThat(server.context.lastDetail(Reason.CONNECT_FAILED)).endsWith("in time");
                assertStops(server, dialled);
            }
        }
    }

    @Test
    void theStopEndsTheNegotiationThatIsUnderWay() throws Exception {
        try (var dialled = new DialledServer();
                var server = new DiallingServer(settings(dialled, "localhost"))) {
            assertThat(dialled.accept().read(1)).as("its first record").containsExactly(22);
            long startNs = System.nanoTime();
            server.endpoint.quiesce(GRACE);
            assertThat(server.endpoint.stop(GRACE)).isEqualTo(Unsent.NONE);
            assertThat(System.nanoTime() - startNs).isLessThan(GRACE.toNanos());
            assertThat(server.count(Counter.CONNECTIONS)).isZero();
            assertThat(server.placedGroups()).isZero();
        }
    }

    @Test
    void aServerThatEndsItsSideIsGoneWhateverMayBecomeOfClients() throws Exception {
        try (var dialled = speaking("TLSv1.3")) {
            var settings = new HashMap<>(settings(dialled, "localhost"));
            settings.put("half-close", "keep");
            try (var server = new DiallingServer(settings)) {
                var first = dialled.accept();
                assertThat(first.readText(6)).isEqualTo("hello\n");
                server.awaitMembers(1);
                first.shutOutput();
                var second = dialled.accept();
                assertThat(second.readText(6)).isEqualTo("hello\n");
                server.awaitMembers(1);
                assertBothWays(second, server.join("g"));
            }
        }
    }
}
