package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the start and the stop of a UDP endpoint. */
@BothPaths
@Timeout(60)
public class UdpEndpointTest {
    @Parameter
    private IoPath io;

    private static final Duration LIMIT = Duration.ofSeconds(5);

    @Test
    void openBindsNothing() {
        var endpoint = new UdpTransport().open(new TestContext("udp", TestServer.settings(io), TestServer.groups()));

        assertThat(endpoint.localAddresses()).isEmpty();
        assertThat(endpoint.stop(LIMIT)).isEqualTo(Unsent.NONE);
    }

    @Test
    void itStartsAgainOnTheSamePort() throws IOException {
        int port;
        try (var first = TestServer.start(io);
                var a = first.member()) {
            port = first.port();
            assertThat(a.port()).isNotEqualTo(port);
        }
        try (var again = TestServer.start(TestServer.settings(io).set("port", port));
                var a = again.member();
                var outsider = again.peer()) {
            outsider.isNextHeardBy(a);
        }
    }

    @Test
    void whatTheKernelHoldsIsForwardedBeforeItIsQuiet() throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var outsider = server.peer()) {
            int count = 200;
            for (int i = 0; i < count; i++) {
                outsider.send("" + i);
            }
            server.endpoint.quiesce(LIMIT);
            outsider.send("too late");

            for (int i = 0; i < count; i++) {
                assertThat(a.receiveText()).isEqualTo("" + i);
            }
            server.endpoint.stop(LIMIT);
            server.awaitCount(Counter.READS, count);
            server.awaitCount(Counter.WRITES, count);
        }
    }

    @Test
    void quiesceEndsUnderLoad() throws Exception {
        try (var server = TestServer.start(io);
                var outsider = server.peer()) {
            var flood = Thread.ofPlatform().start(() -> {
                try {
                    while (!Thread.currentThread().isInterrupted()) {
                        outsider.send("x");
                    }
                } catch (IOException _) {
                    // The end of the test.
                }
            });
            TestServer.await(() -> server.count(Counter.READS) > 100, "load");
            server.endpoint.quiesce(Duration.ofMillis(200));
            server.endpoint.stop(LIMIT);
            flood.interrupt();
            flood.join();
            assertThat(server.endpoint.localAddresses()).isEmpty();
        }
    }

    @Test
    void afterAStopItsThreadIsGoneAndItsMembersHaveLeft() throws IOException {
        var server = TestServer.start(
                new UdpTransport(), new TestContext("gone", TestServer.settings(io), TestServer.groups()));
        server.member().close();
        assertThat(threadOf("gone")).isTrue();
        server.close();

        assertThat(threadOf("gone")).isFalse();
        assertThat(server.count(Counter.MEMBERS)).isZero();
    }

    private static boolean threadOf(String endpoint) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("udp-" + endpoint));
    }

    @Test
    void aPortInUseIsNamedWithWhatToDo() throws IOException {
        try (var taken = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
            var settings = TestServer.settings(io).set("port", taken.getLocalPort());
            assertThatThrownBy(() -> TestServer.start(settings))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("udp cannot bind 127.0.0.1 port " + taken.getLocalPort())
                    .hasMessageContaining("transports.udp.port")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void nothingStaysBoundWhenOneOfSeveralAddressesIsTaken() throws IOException {
        try (var taken = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 0))) {
            int port = taken.getLocalPort();
            var settings = TestServer.settings(io)
                    .set("host-address", "127.0.0.1,127.0.0.2")
                    .set("port", port);
            assertThatThrownBy(() -> TestServer.start(settings)).hasMessageContaining("127.0.0.2 port " + port);

            new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port)).close();
        }
    }

    @Test
    void anAddressOfNoInterfaceIsNamedWithWhatToDo() {
        assertThatThrownBy(() -> TestServer.start(TestServer.settings(io).set("host-address", "192.0.2.99")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("192.0.2.99 port 0")
                .hasMessageContaining("host-address");
    }

    @Test
    void anUnknownHostNameIsNamedWithWhatToDo() {
        assertThatThrownBy(() -> TestServer.start(TestServer.settings(io).set("host-address", "no-such-host.invalid")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no-such-host.invalid")
                .hasMessageContaining("host-address");
    }

    @Test
    void severalAddressesShareOnePortAndAMemberIsServedFromItsOwn() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("host-address", "127.0.0.1,127.0.0.2"));
                var a = new TestPeer(server.address(0));
                var b = new TestPeer(server.address(1))) {
            assertThat(server.address(1).getPort()).isEqualTo(server.port());
            a.register();
            b.register();
            server.awaitMembers(2);

            a.send("from a");
            var toB = b.receivePacket();
            assertThat(toB.getSocketAddress()).isEqualTo(server.address(1));
            b.send("from b");
            assertThat(a.receivePacket().getSocketAddress()).isEqualTo(server.address(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1", "[::1]", "::"})
    void ipv6MembersHearEachOther(String host) throws IOException {
        assumeIpv6();
        try (var server = TestServer.start(TestServer.settings(io).set("host-address", host));
                var a = new TestPeer(server.address(), InetAddress.ofLiteral("::1"));
                var b = new TestPeer(server.address(), InetAddress.ofLiteral("::1"))) {
            a.register();
            b.register("" + b.port());
            server.awaitMembers(2);

            a.send("hello");
            assertThat(b.receiveText()).isEqualTo("hello");
            b.isNextHeardBy(a);
        }
    }

    @Test
    void theIpv6WildcardServesBothFamilies() throws IOException {
        assumeIpv6();
        try (var server = TestServer.start(TestServer.settings(io).set("host-address", "::"));
                var four = new TestPeer(server.address(), InetAddress.ofLiteral("127.0.0.1"));
                var six = new TestPeer(server.address(), InetAddress.ofLiteral("::1"))) {
            four.register();
            six.register();
            server.awaitMembers(2);

            four.send("from four");
            assertThat(six.receiveText()).isEqualTo("from four");
            six.send("from six");
            assertThat(four.receiveText()).isEqualTo("from six");
            assertThat(server.count(Reason.SEND_FAILED)).isZero();
        }
    }

    public static void assumeIpv6() {
        try {
            new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0)).close();
        } catch (IOException e) {
            Assumptions.abort("no IPv6 here: " + e);
        }
    }

    @Test
    void twoEndpointsAreTwoGroups() throws IOException {
        var transport = new UdpTransport();
        var groups = TestServer.groups();
        try (var first = TestServer.start(transport, new TestContext("first", TestServer.settings(io), groups));
                var second = TestServer.start(transport, new TestContext("second", TestServer.settings(io), groups));
                var a = first.member();
                var b = second.member();
                var outsider = second.peer()) {
            first.peer().send("for the first");
            assertThat(a.receiveText()).isEqualTo("for the first");
            outsider.isNextHeardBy(b);
        }
    }
}
