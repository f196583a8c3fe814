package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.kit.BindFailure;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the start and the stop of a TCP endpoint. */
@Timeout(30)
class TcpEndpointTest {
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Map<String, Object> KEEP = Map.of("half-close", "keep");

    private static byte[] pattern(int n) {
        var bytes = new byte[n];
        new Random(n).nextBytes(bytes);
        return bytes;
    }

    private static long loopThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("event-loop-"))
                .count();
    }

    private static long msFor(Runnable action) {
        long startNs = System.nanoTime();
        action.run();
        return (System.nanoTime() - startNs) / 1_000_000;
    }

    @Test
    void whatWasReadIsFlushedAndShutBeforeTheEnd() throws IOException {
        try (var server = new TcpServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            a.send("last words");
            server.endpoint.quiesce(GRACE);
            Unsent unsent = server.endpoint.stop(GRACE);

            assertThat(unsent).isEqualTo(Unsent.NONE);
            assertThat(new String(b.readToEnd())).isEqualTo("last words");
            a.awaitEnd();
            assertThat(loopThreads()).isZero();
            assertThat(server.endpoint.localAddresses()).isEmpty();
        }
    }

    @Test
    void quiesceReadsWhatTheKernelHoldsAndNoFlood() throws IOException {
        try (var server = new TcpServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            var heard = TestClient.later(b::readToEnd);
            var flood = a.flood();
            server.awaitAtLeast(Counter.BYTES_IN, 1 << 20);

            long ms = msFor(() -> server.endpoint.quiesce(GRACE));
            assertThat(ms).isLessThan(2_000);
            long read = server.count(Counter.BYTES_IN);
            assertThat(TestServer.cpuMsWhileIdle())
                    .as("what floods is not read")
                    .isLessThan(60);
            assertThat(server.count(Counter.BYTES_IN)).isEqualTo(read);

            server.endpoint.stop(Duration.ofSeconds(1));
            assertThat(heard.join().length).isEqualTo((int) read);
            flood.join();
        }
    }

    @Test
    void aFloodingMemberEndsTheStopNoLaterThanItsLimit() throws IOException {
        try (var server = new TcpServer(Map.of())) {
            var a = server.join("g");
            var flood = a.flood(); // ignores that its input was shut
            server.awaitAtLeast(Counter.BYTES_IN, 1 << 20);
            server.endpoint.quiesce(Duration.ofMillis(500));

            assertThat(msFor(() -> server.endpoint.stop(Duration.ofMillis(500))))
                    .isLessThan(2_000);
            flood.join();
            assertThat(loopThreads()).isZero();
        }
    }

    @Test
    void membersThatTakeNothingAreCountedWithWhatTheyMissed() throws IOException {
        var limits = new FlowLimits(1 << 20, 256 << 10, 16 << 10, Duration.ofSeconds(30));
        try (var server = new TcpServer(Map.of(), limits)) {
            var slow = server.joinSlow("g");
            var sender = server.join("g");
            sender.sendLater(pattern(24 << 20));
            server.awaitAtLeast(Counter.BYTES_IN, 1 << 20);
            server.awaitQuiet();

            assertThat(msFor(() -> server.endpoint.quiesce(Duration.ofMillis(300))))
                    .isLessThan(2_000);
            var unsent = server.endpoint.stop(Duration.ofMillis(300));

            assertThat(unsent.members()).isEqualTo(1);
            assertThat(unsent.bytes()).isEqualTo(server.count(Counter.BYTES_IN) - server.count(Counter.BYTES_OUT));
            assertThat(server.context.heldQueueBytes()).isZero();
            assertThat(server.context.groupCount()).isZero();
            assertThat(server.count(Counter.CONNECTIONS)).isZero();
            slow.close();
        }
    }

    @Test
    void whatAMemberMissedThatStalledDuringTheStopIsCountedToo() throws IOException {
        var limits = new FlowLimits(1 << 20, 256 << 10, 16 << 10, Duration.ofSeconds(1));
        try (var server = new TcpServer(Map.of(), limits)) {
            var slow = server.joinSlow("g");
            server.join("g").sendLater(pattern(24 << 20));
            server.awaitAtLeast(Counter.BYTES_IN, 1 << 20);
            server.awaitQuiet();
            server.endpoint.quiesce(Duration.ofMillis(100));

            var unsent = server.endpoint.stop(GRACE);

            assertThat(server.count(Reason.FLUSH_TIMEOUT)).isEqualTo(1);
            assertThat(unsent.members()).isEqualTo(1);
            assertThat(unsent.bytes()).isPositive().isLessThan(24 << 20);
            slow.close();
        }
    }

    @Test
    void aSlowReaderGetsAllOfItWithinTheGracePeriod() throws IOException {
        var limits = new FlowLimits(1 << 20, 256 << 10, 16 << 10, Duration.ofSeconds(30));
        try (var server = new TcpServer(Map.of(), limits)) {
            var slow = server.joinSlow("g");
            var sender = server.join("g");
            var sent = pattern(24 << 20);
            sender.sendLater(sent);
            server.awaitAtLeast(Counter.BYTES_IN, 1 << 20);
            server.awaitQuiet();
            server.endpoint.quiesce(Duration.ofMillis(100));
            var stopped = TestClient.later(() -> server.endpoint.stop(GRACE));

            var got = slow.readToEnd();

            assertThat(stopped.join()).isEqualTo(Unsent.NONE);
            assertThat(got.length).isEqualTo((int) server.count(Counter.BYTES_IN));
            assertThat(Arrays.mismatch(got, sent)).isEqualTo(got.length);
        }
    }

    @Test
    void halfClosedSilentAndShakingPeersDelayNoStop() throws IOException {
        try (var server = new TcpServer(KEEP)) {
            var receiver = server.join("g");
            receiver.shutOutput();
            var gone = server.join("g");
            gone.shutOutput();
            gone.close();
            server.join("g"); // never reads, never ends
            server.connect();
            server.connect().send("SOCK");
            server.awaitAtLeast(Counter.CONNECTIONS, 5);

            assertThat(msFor(() -> {
                        server.endpoint.quiesce(GRACE);
                        assertThat(server.endpoint.stop(GRACE)).isEqualTo(Unsent.NONE);
                    }))
                    .isLessThan(1_500);
            receiver.awaitEnd();
            assertThat(server.count(Counter.CONNECTIONS)).isZero();
            assertThat(server.count(Counter.MEMBERS)).isZero();
        }
    }

    @Test
    void connectionsThatComeDuringTheStopLeaveNothingBehind() throws Exception {
        try (var server = new TcpServer(Map.of())) {
            var address = server.address();
            var coming = TestClient.later(() -> {
                while (true) {
                    try (var client = new TestClient(address, 0)) {
                        client.send(TestContext.PREFIX + "g\nx");
                    }
                }
            });
            server.awaitAtLeast(Counter.JOINED, 20);
            server.endpoint.quiesce(GRACE);
            assertThat(coming).as("the listener is gone").failsWithin(Duration.ofSeconds(5));
            assertThat(msFor(() -> server.endpoint.stop(GRACE))).isLessThan(2_000);

            assertThat(server.count(Counter.CONNECTIONS)).isZero();
            assertThat(server.count(Counter.MEMBERS)).isZero();
            assertThat(server.placedGroups()).isZero();
        }
    }

    @Test
    void aStopWithoutQuiesceReleasesEverythingToo() throws IOException {
        try (var server = new TcpServer(Map.of())) {
            var address = server.address();
            var member = server.join("g");
            var silent = server.connect();
            server.awaitAtLeast(Counter.CONNECTIONS, 2);

            assertThat(msFor(() -> server.endpoint.stop(GRACE))).isLessThan(1_500);

            member.awaitEnd();
            silent.awaitClosed();
            assertThat(loopThreads()).isZero();
            try (var again = new ServerSocket()) {
                again.bind(address);
            }
        }
    }

    @Test
    void oneOfTwoEndpointsStopsAndTheOtherGoesOn() throws IOException {
        var transport = new TcpTransport();
        try (var context = new TestContext(Map.of("host-address", List.of("127.0.0.1"), "port", 0))) {
            var first = transport.open(context);
            var second = transport.open(context);
            first.start();
            second.start();
            try (var a = new TestClient(
                            (InetSocketAddress) second.localAddresses().getFirst(), 0);
                    var b = new TestClient(
                            (InetSocketAddress) second.localAddresses().getFirst(), 0);
                    var c = new TestClient(
                            (InetSocketAddress) first.localAddresses().getFirst(), 0)) {
                for (var client : List.of(a, b, c)) {
                    client.send(TestContext.PREFIX + "g\n");
                }
                TestServer.await("members", () -> context.counters().get(Counter.MEMBERS) == 3);
                a.send("1");
                assertThat(c.readText(1)).as("one group over both").isEqualTo("1");
                assertThat(b.readText(1)).isEqualTo("1");
                first.quiesce(GRACE);
                first.stop(GRACE);
                c.awaitEnd();

                a.send("2");
                assertThat(b.readText(1)).isEqualTo("2");
                second.quiesce(GRACE);
                second.stop(GRACE);
                assertThat(loopThreads()).isZero();
            }
        }
    }

    @Test
    void aPreconfiguredAddressIsInItsGroupAtOnceAndAgainWheneverItComes() throws IOException {
        try (var server = new TcpServer(Map.of("preconfig-addresses", List.of("g:127.0.0.0/8:*")))) {
            for (int round = 1; round <= 3; round++) {
                var a = server.connect();
                var b = server.connect();
                server.awaitMembers(2);
                a.send(TestContext.PREFIX + "x\n");
                assertThat(b.readText(22)).as("it is data").isEqualTo(TestContext.PREFIX + "x\n");
                a.close();
                b.close();
                server.awaitMembers(0);
            }
        }
    }

    @Test
    void severalAddressesServeOnePort() throws IOException {
        try (var server = new TcpServer(Map.of("host-address", List.of("127.0.0.1", "::1", "127.0.0.2")))) {
            var addresses = server.endpoint.localAddresses();
            assertThat(addresses).hasSize(3);
            assertThat(addresses.stream()
                            .map(address -> ((InetSocketAddress) address).getPort())
                            .distinct())
                    .hasSize(1);
        }
    }

    @Test
    void anAddressThatSeveralNamesStandForIsBoundOnce() throws IOException {
        try (var server =
                new TcpServer(Map.of("host-address", List.of("127.0.0.1", "::ffff:127.0.0.1", "127.0.0.2")))) {
            assertThat(server.endpoint.localAddresses()).hasSize(2);
        }
    }

    @Test
    void aStartThatFailsLeavesNothingOpen() throws IOException {
        try (var held = new ServerSocket()) {
            held.bind(new InetSocketAddress("127.0.0.2", 0));
            int port = held.getLocalPort();
            // The first address is free, the second is not.
            var settings = Map.<String, Object>of("host-address", List.of("127.0.0.1", "127.0.0.2"), "port", port);
            try (var context = new TestContext(settings)) {
                var endpoint = new TcpTransport().open(context);
                assertThatThrownBy(endpoint::start)
                        .isInstanceOf(BindFailure.class)
                        .hasMessageContaining("127.0.0.2 port " + port)
                        .message()
                        .doesNotContain("\n");
                assertThat(endpoint.localAddresses()).isEmpty();
                assertThat(endpoint.stop(GRACE)).isEqualTo(Unsent.NONE);
            }
            assertThat(loopThreads()).isZero();
            try (var free = new ServerSocket()) {
                free.bind(new InetSocketAddress("127.0.0.1", port));
            }
        }
    }

    /** As if there were no descriptors for the second listener's loops. */
    @Test
    void aStartThatFailsLeavesNoAddressBound() throws IOException {
        try (var context =
                new TestContext(Map.of("host-address", List.of("127.0.0.1", "127.0.0.2", "127.0.0.3"), "port", 0))) {
            var given = new ArrayList<ServerSocketChannel>();
            var streams = (Streams) Proxy.newProxyInstance(
                    Streams.class.getClassLoader(), new Class<?>[] {Streams.class}, (_, _, arguments) -> {
                        given.add((ServerSocketChannel) arguments[0]);
                        if (given.size() == 2) {
                            given.getLast().close();
                            throw new IOException("Too many open files");
                        }
                        return null;
                    });
            var failing = (TransportContext) Proxy.newProxyInstance(
                    TransportContext.class.getClassLoader(),
                    new Class<?>[] {TransportContext.class},
                    (_, method, arguments) ->
                            method.getName().equals("streams") ? streams : method.invoke(context, arguments));
            var endpoint = new TcpTransport().open(failing);
            long before = openListeners();
            assertThatThrownBy(endpoint::start).hasMessage("Too many open files");

            assertThat(given).hasSize(2).noneMatch(ServerSocketChannel::isOpen);
            assertThat(openListeners()).isEqualTo(before);
        }
    }

    /** {@return how many TCP sockets listen on addresses of this test} */
    private static long openListeners() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/net/tcp"))) {
            return lines.filter(line -> line.contains(": 0300007F:"))
                    .filter(line -> line.contains(" 0A "))
                    .count();
        }
    }

    /** {@return an endpoint with another value for one setting, which never starts} */
    private static Endpoint opened(TcpServer server, String key, Object value) {
        return new TcpTransport().open(server.context.with(key, value));
    }

    @Test
    void itMovesToOtherAddressesWhileMembersStay() throws IOException {
        try (var server = new TcpServer(Map.of())) {
            var stays = server.join("g");
            var before = server.endpoint.localAddresses();

            assertThat(server.endpoint.adopt(opened(server, "host-address", List.of("127.0.0.1", "127.0.0.2"))))
                    .isTrue();
            assertThat(server.endpoint.localAddresses()).containsAll(before).hasSize(2);
            assertThat(server.endpoint.adopt(opened(server, "host-address", List.of("127.0.0.2"))))
                    .isTrue();

            assertThat(server.endpoint.localAddresses()).hasSize(1).doesNotContainAnyElementsOf(before);
            var comes = new TestClient(
                    (InetSocketAddress) server.endpoint.localAddresses().getFirst(), 0);
            comes.send("SOCKETFORWARDER-NEW:g\nhello");
            assertThat(stays.readText(5)).isEqualTo("hello");
            assertThatThrownBy(() -> new TestClient((InetSocketAddress) before.getFirst(), 0))
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void whereAnAddressIsTakenNothingChanges() throws IOException {
        try (var server = new TcpServer(Map.of());
                var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var before = server.endpoint.localAddresses();

            assertThatThrownBy(() -> server.endpoint.adopt(opened(server, "port", other.getLocalPort())))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("port " + other.getLocalPort() + ": Address already in use");

            assertThat(server.endpoint.localAddresses()).isEqualTo(before);
            server.join("g");
        }
    }

    @Test
    void itMovesToAndFromAllAddressesOfItsPort() throws IOException {
        try (var server = new TcpServer(Map.of())) {
            var stays = server.join("g");
            var before = server.endpoint.localAddresses();

            assertThat(server.endpoint.adopt(opened(server, "host-address", List.of("0.0.0.0"))))
                    .isTrue();

            int port = ((InetSocketAddress) before.getFirst()).getPort();
            assertThat(server.endpoint.localAddresses()).containsExactly(new InetSocketAddress("0.0.0.0", port));
            var comes = new TestClient(new InetSocketAddress("127.0.0.2", port), 0);
            comes.send("SOCKETFORWARDER-NEW:g\nhello");
            assertThat(stays.readText(5)).isEqualTo("hello");
            assertThat(server.endpoint.adopt(opened(server, "host-address", List.of("127.0.0.1"))))
                    .isTrue();
            assertThat(server.endpoint.localAddresses()).isEqualTo(before);
            server.join("g");
        }
    }

    @Test
    void whereAllAddressesAreWantedAndOneIsTakenNothingChanges() throws IOException {
        try (var server = new TcpServer(Map.of())) {
            var stays = server.join("g");
            var before = server.endpoint.localAddresses();
            int port = ((InetSocketAddress) before.getFirst()).getPort();
            try (var _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.2"))) {
                assertThatThrownBy(() -> server.endpoint.adopt(opened(server, "host-address", List.of("0.0.0.0"))))
                        .isInstanceOf(UncheckedIOException.class);
            }
            assertThat(server.endpoint.localAddresses()).isEqualTo(before);
            var comes = server.join("g");
            comes.send("hello");
            assertThat(stays.readText(5)).isEqualTo("hello");
        }
    }

    @Test
    void serversThatAreNotWantedAnyMoreLeave() throws IOException {
        try (var one = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
                var other = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
                var server = new TcpServer(Map.of("connect", List.of(server(one))))) {
            try (var dialled = one.accept()) {
                server.awaitAtLeast(Counter.MEMBERS, 1);

                assertThat(server.endpoint.adopt(opened(server, "connect", List.of(server(other)))))
                        .isTrue();

                assertThat(dialled.getInputStream().read()).isEqualTo(-1);
            }
            try (var _ = other.accept()) {
                server.awaitAtLeast(Counter.JOINED, 2);
            }
        }
    }

    private static Map<String, Object> server(ServerSocket socket) {
        return Map.of("group", "g", "to", "127.0.0.1:" + socket.getLocalPort());
    }
}
