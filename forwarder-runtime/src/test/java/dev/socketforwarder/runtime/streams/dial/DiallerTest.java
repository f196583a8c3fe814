package dev.socketforwarder.runtime.streams.dial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DiallerTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static Map<String, Object> with(Map<String, Object> settings, String key, Object value) {
        var more = new HashMap<>(settings);
        more.put(key, value);
        return more;
    }

    private static void assertBothWays(TestClient one, TestClient other) throws IOException {
        one.send("to the other");
        assertThat(other.readText(12)).isEqualTo("to the other");
        other.send("and back");
        assertThat(one.readText(8)).isEqualTo("and back");
    }

    @Test
    void aServerIsAMemberAndGetsTheFirstMessageBeforeAnyData() throws IOException {
        try (var dialled = new DialledServer();
                var server = new DiallingServer(with(dialled.settings("hällo\n"), "join-reply", "for clients alone"))) {
            var connection = dialled.accept();
            assertThat(new String(connection.read(7), "UTF-8")).isEqualTo("hällo\n");
            server.awaitMembers(1);
            var client = server.join("g");
            assertThat(client.readText(18)).isEqualTo("for clients alone\n");
            assertBothWays(connection, client);
            assertThat(server.count(Counter.CONNECTED)).isEqualTo(1);
            assertThat(server.count(Counter.CONNECTIONS)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1", "127.0.0.1, localhost", "0.0.0.0, 127.0.0.3", "0.0.0.0, 0.0.0.0"})
    void itNeverConnectsToItself(String host, String to) throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var settings = new HashMap<String, Object>(Map.of(
                "host-address",
                List.of(host),
                "port",
                port,
                "connect",
                List.of(Map.of("group", "g", "to", to + ":" + port, "send", "SOCKETFORWARDER-NEW:g\n"))));
        try (var server = new DiallingServer(settings)) {
            TestServer.await("a refusal", () -> server.count(Reason.CONNECT_FAILED) >= 1);
            var one = server.join("g");
            var other = server.join("g");
            server.awaitMembers(2);
            assertBothWays(one, other);
            TestServer.await("the next attempt", () -> server.count(Reason.CONNECT_FAILED) >= 2);
            assertThat(server.count(Counter.MEMBERS)).isEqualTo(2);
            assertThat(server.count(Counter.BYTES_IN)).as("nothing goes round").isEqualTo(20);
        }
    }

    @Test
    void aServerThatIsNotThereAtTheStartIsConnectedToWhenItIs() throws IOException {
        try (var dialled = new DialledServer()) {
            dialled.goDown();
            try (var server = new DiallingServer(dialled.settings(""))) {
                var client = server.join("g");
                TestServer.await("two attempts", () -> server.count(Reason.CONNECT_FAILED) >= 2);
                dialled.comeUp();
                var connection = dialled.accept();
                server.awaitMembers(2);
                assertBothWays(connection, client);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatGoesAwayIsConnectedToAgain(boolean reset) throws IOException {
        try (var dialled = new DialledServer();
                var server = new DiallingServer(dialled.settings("again\n"))) {
            var client = server.join("g");
            for (int i = 1; i <= 3; i++) {
                var connection = dialled.accept();
                assertThat(connection.readText(6)).isEqualTo("again\n");
                server.awaitMembers(2);
                assertBothWays(connection, client);
                if (reset) {
                    connection.reset();
                } else {
                    dialled.goDown();
                    server.awaitMembers(1);
                    dialled.comeUp();
                }
            }
            server.awaitAtLeast(Counter.CONNECTED, 3);
        }
    }

    @Test
    void aServerThatEndsItsSideIsGoneWhateverMayBecomeOfClients() throws IOException {
        try (var dialled = new DialledServer();
                var server = new DiallingServer(with(dialled.settings(""), "half-close", "keep"))) {
            var first = dialled.accept();
            first.shutOutput();
            var second = dialled.accept();
            server.awaitMembers(1);
            assertBothWays(second, server.join("g"));
            first.awaitEnd();
            assertThat(server.count(Reason.PEER_CLOSED)).isEqualTo(1);
        }
    }

    @Test
    void aServerThatFloodsDelaysNeitherOtherGroupsNorTheStop() throws IOException {
        try (var dialled = new DialledServer();
                var server = new DiallingServer(dialled.settings(""))) {
            var connection = dialled.accept();
            server.awaitMembers(1);
            var flood = connection.flood();
            var listener = server.join("g");
            var heard = TestClient.later(listener::readToEnd);
            var one = server.join("other");
            var other = server.join("other");
            server.awaitAtLeast(Counter.BYTES_IN, 4 << 20);
            assertBothWays(one, other);
            assertStops(server);
            assertThat(heard.join()).isNotEmpty();
            flood.join();
        }
    }

    @Test
    void aServerThatEndsEachConnectionAtOnceIsDialledEverMoreRarely() throws IOException {
        try (var dialled = new DialledServer();
                var _ = new DiallingServer(dialled.settings(""))) {
            dialled.accept().close();
            long startNs = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                dialled.accept().close();
            }
            // The least that both pauses can last together, less the part of the first pause that had passed already.
            assertThat(System.nanoTime() - startNs).isGreaterThan(BackOff.FIRST_NS * 3 / 2);
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUpAndTriedAgain() throws IOException {
        try (var dialled = new DialledServer()) {
            dialled.goDown();
            dialled.comeUp(1);
            var hogs = fillBacklog(dialled.address());
            var settings = with(dialled.settings(""), "connect-timeout", Duration.ofMillis(200));
            try (var server = new DiallingServer(settings)) {
                TestServer.await("two attempts", () -> server.count(Reason.CONNECT_FAILED) >= 2);
                assertThat(TestServer.cpuMsWhileIdle()).isLessThan(60);
                for (var hog : hogs) {
                    hog.close();
                }
                var client = server.join("g");
                dialled.goDown();
                dialled.comeUp();
                var connection = dialled.accept();
                server.awaitMembers(2);
                assertBothWays(connection, client);
            }
        }
    }

    /** Connect until the kernel takes no more, so that further connections wait. */
    private static List<SocketChannel> fillBacklog(InetSocketAddress address) throws IOException {
        var hogs = new ArrayList<SocketChannel>();
        for (int i = 0; i < 8; i++) {
            var hog = SocketChannel.open();
            hog.configureBlocking(false);
            hog.connect(address);
            hogs.add(hog);
        }
        return hogs;
    }

    @Test
    void theStopEndsAConnectInFlight() throws IOException {
        try (var dialled = new DialledServer()) {
            dialled.goDown();
            dialled.comeUp(1);
            var hogs = fillBacklog(dialled.address());
            try (var server = new DiallingServer(dialled.settings(""))) {
                server.awaitAtLeast(Counter.CONNECTIONS, 1);
                assertStops(server);
            }
            for (var hog : hogs) {
                hog.close();
            }
        }
    }

    @Test
    void theStopEndsThePauseBetweenAttempts() throws IOException {
        try (var dialled = new DialledServer()) {
            dialled.goDown();
            try (var server = new DiallingServer(dialled.settings(""))) {
                TestServer.await("an attempt", () -> server.count(Reason.CONNECT_FAILED) >= 1);
                assertStops(server);
                long failed = server.count(Reason.CONNECT_FAILED);
                TestServer.cpuMsWhileIdle();
                assertThat(server.count(Reason.CONNECT_FAILED)).isEqualTo(failed);
            }
        }
    }

    private static void assertStops(TestServer server) {
        long startNs = System.nanoTime();
        server.endpoint.quiesce(GRACE);
        assertThat(server.endpoint.stop(GRACE)).isEqualTo(Unsent.NONE);
        assertThat(System.nanoTime() - startNs).isLessThan(GRACE.toNanos());
        assertThat(server.count(Counter.CONNECTIONS)).isZero();
        assertThat(server.placedGroups()).isZero();
        assertThat(server.context.groupCount()).isZero();
    }

    @Test
    void theStopFlushesAServerLikeAnyMemberAndDoesNotConnectAgain() throws IOException {
        try (var dialled = new DialledServer();
                var server = new DiallingServer(dialled.settings(""))) {
            var connection = dialled.accept();
            server.awaitMembers(1);
            var client = server.join("g");
            int sent = 1 << 20;
            client.send(new byte[sent]);
            server.awaitAtLeast(Counter.BYTES_IN, sent); // the stop does not read all that the kernel holds of a sender
            var heard = TestClient.later(connection::readToEnd);
            assertStops(server);
            assertThat(heard.join().length).isEqualTo(sent);
            assertThat(server.count(Counter.CONNECTED)).isEqualTo(1);
        }
    }

    @Test
    void aServerThatReadsNothingIsClosedLikeAnyMember() throws IOException {
        var limits = new FlowLimits(1 << 20, 256 << 10, 16 << 10, Duration.ofSeconds(1));
        try (var dialled = new DialledServer();
                var server = new DiallingServer(dialled.settings(""), limits)) {
            dialled.accept();
            server.awaitMembers(1);
            var client = server.join("g");
            var sending = client.sendLater(new byte[24 << 20]);
            server.awaitAtLeast(Counter.CONNECTED, 2);
            assertThat(server.count(Reason.STALLED)).isPositive();
            dialled.goDown();
            sending.join();
        }
    }

    @Test
    void aServerTakesAPlaceAmongAllConnections() throws IOException {
        try (var dialled = new DialledServer();
                var server = new DiallingServer(with(dialled.settings(""), "max-connections", 1))) {
            var connection = dialled.accept();
            server.awaitMembers(1);
            server.connect().awaitClosed();
            server.awaitOnce(Reason.TOO_MANY_CONNECTIONS);

            dialled.goDown();
            var client = joinBetweenAttempts(server);
            dialled.comeUp();
            long failed = server.count(Reason.CONNECT_FAILED);
            TestServer.await("a refusal", () -> server.count(Reason.CONNECT_FAILED) > failed);
            client.close();
            dialled.accept();
            server.awaitMembers(1);
            connection.close();
        }
    }

    /** Join with the only place, which each attempt to dial takes for a moment. */
    private static TestClient joinBetweenAttempts(TestServer server) throws IOException {
        long joined = server.count(Counter.JOINED);
        while (true) {
            long refused = server.count(Reason.TOO_MANY_CONNECTIONS);
            var client = server.connect();
            client.send(TestContext.PREFIX + "g\n");
            TestServer.await(
                    "an answer",
                    () -> server.count(Counter.JOINED) > joined || server.count(Reason.TOO_MANY_CONNECTIONS) > refused);
            if (server.count(Counter.JOINED) > joined) {
                return client;
            }
        }
    }

    @Test
    void aNameThatNobodyKnowsIsLookedUpAgain() throws IOException {
        var target = Map.<String, Object>of("group", "g", "to", "no.such.name.invalid:7001");
        try (var server = new DiallingServer(Map.of("connect", List.of(target)))) {
            TestServer.await("two attempts", () -> server.count(Reason.CONNECT_FAILED) >= 2);
            assertThat(server.count(Counter.CONNECTIONS)).isZero();
            assertStops(server);
        }
    }

    @Test
    void aServerWhoseGroupHasNoPlaceIsDialledEverMoreRarely() throws IOException {
        try (var dialled = new DialledServer()) {
            dialled.goDown();
            try (var server = new DiallingServer(with(dialled.settings(""), "max-group-members", 1))) {
                server.join("g");
                dialled.comeUp();
                dialled.accept().awaitClosed();
                long startNs = System.nanoTime();
                for (int i = 0; i < 3; i++) {
                    dialled.accept().awaitClosed();
                }
                assertThat(System.nanoTime() - startNs).isGreaterThan(BackOff.FIRST_NS * 3 / 2);
                assertThat(server.count(Reason.TOO_MANY_MEMBERS)).isBetween(4L, 5L);
                assertStops(server);
            }
        }
    }
}
