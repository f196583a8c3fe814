package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests an endpoint with several sockets on one port, to which the same rules apply as to one socket. */
@BothPaths
@Timeout(60)
class SharedPortTest {
    private static final int SOCKETS = 3;
    // The kernel's hash of their addresses spreads them over all sockets, except once in 10^8 runs.
    private static final int PEERS = 48;

    @Parameter
    private IoPath io;

    private TestSettings settings() {
        return TestServer.settings(io).set("sockets", SOCKETS);
    }

    private static List<TestPeer> peers(TestServer server, int count) throws IOException {
        var peers = new ArrayList<TestPeer>();
        for (int i = 0; i < count; i++) {
            peers.add(server.peer());
        }
        return peers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::"})
    void eachHearsAllOthersAndNobodyItself(String host) throws IOException {
        UdpEndpointTest.assumeIpv6();
        try (var server = TestServer.start(settings().set("host-address", host))) {
            var loopback = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), server.port());
            var peers = new ArrayList<TestPeer>();
            for (int i = 0; i < PEERS; i++) {
                peers.add(new TestPeer(loopback));
                peers.getLast().register();
            }
            server.awaitMembers(PEERS);
            for (int i = 0; i < PEERS; i++) {
                peers.get(i).send("" + i);
            }
            for (int i = 0; i < PEERS; i++) {
                var heard = new HashSet<String>();
                for (int n = 1; n < PEERS; n++) {
                    heard.add(peers.get(i).receiveText());
                }
                assertThat(heard).hasSize(PEERS - 1).doesNotContain("" + i);
            }
            nothingIsLeft(loopback, peers);
            peers.forEach(TestPeer::close);
        }
    }

    private static void nothingIsLeft(InetSocketAddress server, List<TestPeer> peers) throws IOException {
        try (var outsider = new TestPeer(server)) {
            outsider.isNextHeardBy(peers.toArray(TestPeer[]::new));
        }
    }

    @Test
    void theOrderOfASenderHoldsFromTheFirstDatagramOn() throws IOException {
        for (int start = 0; start < 5; start++) {
            try (var member = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                member.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
                member.socket().setSoTimeout((int) TestServer.LIMIT.toMillis());
                var target = "127.0.0.1:" + member.socket().getLocalPort();
                try (var senders = new SteadySenders();
                        var _ = TestServer.start(
                                settings().set("port", senders.port).set("preconfig-addresses", target))) {
                    senders.check(member.socket(), 5_000);
                }
            }
        }
    }

    /** Several peers that send ascending numbers, from before the start on. */
    private static final class SteadySenders implements AutoCloseable {
        /** The port for the server, none of the peers' own. */
        private final int port;

        private final List<DatagramChannel> peers = new ArrayList<>();
        private final Thread thread;
        private volatile boolean done;

        SteadySenders() throws IOException {
            var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            for (int i = 0; i < PEERS; i++) {
                peers.add(DatagramChannel.open().bind(any));
            }
            try (var free = new DatagramSocket(any)) {
                port = free.getLocalPort();
            }
            var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            thread = Thread.ofPlatform().start(() -> {
                try {
                    for (int n = 0; !done; n++) {
                        for (int i = 0; i < PEERS; i++) {
                            var datagram = ByteBuffer.allocate(2 * Integer.BYTES)
                                    .putInt(i)
                                    .putInt(n);
                            peers.get(i).send(datagram.flip(), server);
                        }
                        LockSupport.parkNanos(20_000);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        /** Check that no number is late; some may be lost in the rush. */
        void check(DatagramSocket member, int count) throws IOException {
            var last = new int[PEERS];
            Arrays.fill(last, -1);
            var packet = new DatagramPacket(new byte[64], 64);
            for (int i = 0; i < count; i++) {
                member.receive(packet);
                var datagram = ByteBuffer.wrap(packet.getData());
                int sender = datagram.getInt();
                int n = datagram.getInt();
                assertThat(n).as("of sender " + sender).isGreaterThan(last[sender]);
                last[sender] = n;
            }
        }

        @Override
        public void close() throws IOException {
            done = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            for (var peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void whatASenderRegisteredElsewhereGetsNothingOfIts() throws IOException {
        try (var server = TestServer.start(settings());
                var listener = server.member()) {
            for (int i = 0; i < PEERS; i++) {
                try (var sender = server.peer();
                        var own = server.peer();
                        var outsider = server.peer()) {
                    sender.register(own.port());
                    server.awaitMembers(2);
                    var mine = "mine " + i;
                    sender.send(mine);
                    assertThat(listener.receiveText()).isEqualTo(mine);
                    var marker = "marker " + i;
                    outsider.send(marker);
                    assertThat(listener.receiveText()).isEqualTo(marker);
                    // A datagram sent just before the member came may still be on its way between the threads, and is
                    // heard too.
                    assertThat(own.receiveUntil(marker)).doesNotContain(mine);
                    own.send("SOCKETFORWARDER-LEAVE:");
                    server.awaitMembers(1);
                }
            }
        }
    }

    @Test
    void aRegistrationIsRefreshedAndEndedFromAnySocket() throws IOException {
        try (var server = TestServer.start(settings())) {
            var peers = peers(server, PEERS);
            try (var target = server.peer()) {
                peers.getFirst().register(target.port());
                server.awaitMembers(1);
                // From another peer each time.
                for (int i = 0; i < PEERS; i++) {
                    peers.get(i).send("SOCKETFORWARDER-LEAVE:" + target.port());
                    server.awaitMembers(0);
                    peers.get((i + 1) % PEERS).register(target.port());
                    server.awaitMembers(1);
                    peers.get((i + 2) % PEERS).isHeardBy(target);
                }
                server.awaitCount(Counter.JOINED, PEERS + 1);
            }
            peers.forEach(TestPeer::close);
        }
    }

    @Test
    void limitsHoldForAllSocketsTogether() throws IOException {
        var few = settings().set("max-registrations", 10).set("max-registrations-per-address", 10);
        try (var server = TestServer.start(few)) {
            var peers = peers(server, PEERS);
            for (var peer : peers) {
                peer.register();
            }
            TestServer.await(
                    () -> server.count(Reason.TOO_MANY_FROM_ADDRESS) + server.count(Reason.TOO_MANY_REGISTRATIONS)
                            == PEERS - 10,
                    "the rest refused");
            server.awaitMembers(10);
            peers.forEach(TestPeer::close);
        }
    }

    @Test
    void aCookieIsGoodAtEachSocket() throws IOException {
        try (var server = TestServer.start(settings().set("registration", "challenge"));
                var target = server.peer()) {
            for (int i = 0; i < PEERS; i++) {
                try (var asks = server.peer();
                        var shows = server.peer()) {
                    asks.register(target.port());
                    var cookie = target.receiveText().substring("SFCOOKIE:".length());
                    shows.register(target.port() + ":" + cookie);
                    server.awaitMembers(1);
                    shows.send("SOCKETFORWARDER-LEAVE:" + target.port() + ":" + cookie);
                    server.awaitMembers(0);
                }
            }
        }
    }

    @Test
    void leasesEndWhereverTheirMembersAre() throws IOException {
        try (var server = TestServer.start(settings().set("lease", "1S"))) {
            var peers = peers(server, PEERS);
            for (var peer : peers) {
                peer.register();
            }
            server.awaitMembers(PEERS);
            server.awaitMembers(0);
            server.awaitCount(Reason.LEASE_EXPIRED, PEERS);
            peers.forEach(TestPeer::close);
        }
    }

    @Test
    void preconfiguredMembersAreServed() throws IOException {
        var peers = new ArrayList<TestPeer>();
        var nobody = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9);
        var addresses = new ArrayList<String>();
        for (int i = 0; i < PEERS; i++) {
            peers.add(new TestPeer(nobody));
            addresses.add("127.0.0.1:" + peers.getLast().port());
        }
        try (var server = TestServer.start(settings().set("preconfig-addresses", String.join(",", addresses)));
                var outsider = server.peer()) {
            server.awaitMembers(PEERS);
            outsider.isNextHeardBy(peers.toArray(TestPeer[]::new));
        }
        peers.forEach(TestPeer::close);
    }

    @Test
    void aPortThatAnotherSharesIsRefused() throws IOException {
        try (var other = new DatagramSocket(null)) {
            other.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            other.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            assertThatThrownBy(() -> TestServer.start(settings().set("port", other.getLocalPort())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void itCanBeStartedAgainOnTheSamePort() throws IOException {
        int port;
        try (var server = TestServer.start(settings())) {
            port = server.port();
        }
        try (var server = TestServer.start(settings().set("port", port));
                var a = server.member();
                var outsider = server.peer()) {
            outsider.isNextHeardBy(a);
        }
    }

    @Test
    void whatWaitsInTheKernelIsForwardedBeforeTheStop() throws IOException {
        try (var server = TestServer.start(settings());
                var a = server.member()) {
            var peers = peers(server, PEERS);
            for (int i = 0; i < PEERS; i++) {
                peers.get(i).send("" + i);
            }
            server.endpoint.quiesce(TestServer.LIMIT);
            server.endpoint.stop(TestServer.LIMIT);
            var heard = new HashSet<String>();
            for (int i = 0; i < PEERS; i++) {
                heard.add(a.receiveText());
            }
            assertThat(heard).hasSize(PEERS);
            peers.forEach(TestPeer::close);
        }
    }

    @Test
    void aSystemThatCannotShareAPortSaysSo() {
        assertThatThrownBy(() -> IoChoice.requireSharing(
                        "udp", UdpSettings.read(settings().set("port", 0)), Set.of(StandardSocketOptions.SO_RCVBUF)))
                .isInstanceOf(IOException.class)
                .hasMessage("transports.udp.sockets: this system has no SO_REUSEPORT, so sockets cannot share a port;"
                        + " set it to 1");
    }
}
