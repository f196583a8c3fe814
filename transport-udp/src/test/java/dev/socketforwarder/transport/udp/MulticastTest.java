package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.transport.udp.members.LocalInterfaces;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests multicast on the loopback interface. */
@BothPaths
@Timeout(60)
class MulticastTest {
    private static final InetAddress GROUP = InetAddress.ofLiteral("239.77.1.2");
    private static final InetAddress OTHER = InetAddress.ofLiteral("239.77.1.3");

    private NetworkInterface loopback;
    private int round;

    @Parameter
    private IoPath io;

    @BeforeEach
    void findLoopback() throws SocketException {
        loopback = NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
    }

    /** A machine without network interfaces until the test adds some. */
    private static final class Interfaces {
        private volatile List<NetworkInterface> now = List.of();

        UdpTransport transport() {
            return new UdpTransport(TestMachine.withInterfaces(new LocalInterfaces(() -> now)));
        }
    }

    private TestSettings settings() {
        return TestServer.settings(io).set("host-address", "0.0.0.0").set("interface", loopback.getName());
    }

    /** A program that sends to a group and receives from one. */
    private final class Program implements AutoCloseable {
        private final MulticastSocket socket;

        Program(int port) throws IOException {
            socket = new MulticastSocket(port);
            socket.setSoTimeout((int) TestServer.LIMIT.toMillis());
            socket.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback);
        }

        Program join(InetAddress group) throws IOException {
            socket.joinGroup(new InetSocketAddress(group, 0), loopback);
            return this;
        }

        int port() {
            return socket.getLocalPort();
        }

        void send(String text, InetAddress group, int port) throws IOException {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            socket.send(new DatagramPacket(bytes, bytes.length, group, port));
        }

        String receive() throws IOException {
            var packet = new DatagramPacket(new byte[100], 100);
            socket.receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void whatIsSentToAGroupReachesTheMembersOnce(int sockets) throws IOException {
        try (var server = TestServer.start(
                        settings().set("multicast", GROUP.getHostAddress()).set("sockets", sockets));
                var a = server.member();
                var outsider = server.peer();
                var program = new Program(0)) {
            program.send("to the group", GROUP, server.port());
            assertThat(a.receiveText()).isEqualTo("to the group");
            outsider.isNextHeardBy(a);
            // Includes what other sockets may still hold.
            server.endpoint.quiesce(TestServer.LIMIT);
            server.awaitCount(Counter.READS, 2);
        }
    }

    @Test
    void aGroupThatIsAskedForIsAMember() throws IOException {
        try (var program = new Program(0).join(GROUP);
                var server = TestServer.start(
                        settings().set("multicast-members", GROUP.getHostAddress() + ":" + program.port()));
                var a = server.member();
                var b = server.peer()) {
            server.awaitCount(Counter.MEMBERS, 2);
            b.send("to all");
            assertThat(program.receive()).isEqualTo("to all");
            assertThat(a.receiveText()).isEqualTo("to all");
        }
    }

    @Test
    void theGroupsThatAreMembersChangeWhileTheEndpointRuns() throws IOException {
        try (var before = new Program(0).join(GROUP);
                var after = new Program(0).join(OTHER);
                var server = TestServer.start(
                        settings().set("multicast-members", GROUP.getHostAddress() + ":" + before.port()));
                var a = server.member();
                var outsider = server.peer()) {
            outsider.send("first");
            assertThat(before.receive()).isEqualTo("first");
            assertThat(server.adopt(settings()
                            .set("multicast-members", OTHER.getHostAddress() + ":" + after.port())
                            .set("ttl", 2)))
                    .isTrue();
            server.awaitCount(Reason.MOVED, 1);
            outsider.send("second");
            assertThat(after.receive()).isEqualTo("second");
            server.awaitCount(Counter.MEMBERS, 2);
            assertThat(a.receiveUntil("second")).containsExactly("first");
            // Another interface has to be watched.
            assertThat(server.adopt(settings())).isFalse();
        }
    }

    @Test
    void aGroupIsJoinedWheneverItsInterfaceIsThere() throws IOException {
        var interfaces = new Interfaces();
        var context = new TestContext("udp", settings().set("multicast", GROUP.getHostAddress()), TestServer.groups());
        try (var server = TestServer.start(interfaces.transport(), context);
                var a = server.member();
                var outsider = server.peer();
                var program = new Program(0)) {
            assertThat(isHeard(program, a, outsider)).isFalse();
            for (int times = 0; times < 2; times++) {
                interfaces.now = List.of(loopback);
                TestServer.await(() -> isHeard(program, a, outsider), "a datagram to the group");
                interfaces.now = List.of();
                TestServer.await(() -> !isHeard(program, a, outsider), "an end of those to the group");
            }
        }
    }

    /**
     * {@return whether the member gets what the program sends to the group before it gets what the outsider sends next}
     * The two come from different sockets, so either may overtake the other; each time they say something new.
     */
    private boolean isHeard(Program program, TestPeer member, TestPeer outsider) {
        round++;
        String toGroup = "to the group " + round;
        String toEndpoint = "to the endpoint " + round;
        try {
            program.send(toGroup, GROUP, outsider.serverPort());
            outsider.send(toEndpoint);
            boolean heard = false;
            String text;
            do {
                text = member.receiveText();
                heard |= text.equals(toGroup);
            } while (!text.equals(toEndpoint));
            return heard;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aGroupIsAMemberFromWhenItsInterfaceIsThere() throws IOException {
        var interfaces = new Interfaces();
        try (var program = new Program(0).join(GROUP);
                var server = TestServer.start(
                        interfaces.transport(),
                        new TestContext(
                                "udp",
                                settings().set("multicast-members", GROUP.getHostAddress() + ":" + program.port()),
                                TestServer.groups()));
                var outsider = server.peer()) {
            outsider.send("lost");
            TestServer.await(() -> server.count(Counter.READS) == 1, "a datagram");
            assertThat(server.count(Counter.MEMBERS)).isZero();

            interfaces.now = List.of(loopback);
            server.awaitMembers(1);
            outsider.send("sent");
            assertThat(program.receive()).isEqualTo("sent");
        }
    }

    @Test
    void whatOthersOfThisMachineJoinedIsNotReceived() throws IOException {
        try (var program = new Program(0).join(GROUP).join(OTHER);
                var server = TestServer.start(settings()
                        .set("multicast", OTHER.getHostAddress())
                        .set("multicast-members", GROUP.getHostAddress() + ":" + program.port()));
                var a = server.member()) {
            program.send("not joined", GROUP, server.port());
            program.send("joined", OTHER, server.port());
            assertThat(a.receiveText()).isEqualTo("joined");
            assertThat(program.receive()).isEqualTo("joined");
            server.awaitCount(Counter.READS, 1);
        }
    }

    @Test
    void noGroupThatIsReceivedFromIsAMember() throws IOException {
        var transport = new UdpTransport();
        var groups = TestServer.groups();
        var joining = settings().set("multicast", GROUP.getHostAddress());
        try (var server = TestServer.start(transport, new TestContext("udp", joining, groups))) {
            var circle = settings().set("multicast-members", GROUP.getHostAddress() + ":" + server.port());
            assertThatThrownBy(() -> TestServer.start(transport, new TestContext("other", circle, groups)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("multicast-members")
                    .hasMessageContaining(GROUP.getHostAddress())
                    .hasMessageContaining("receives from");
        }
    }

    @Test
    void aMemberThatAnotherEndpointBeginsToReceiveFromIsRemoved() throws IOException {
        var transport = new UdpTransport();
        var groups = TestServer.groups();
        int port;
        try (var free = TestServer.start(io)) {
            port = free.port();
        }
        var sending = settings().set("multicast-members", GROUP.getHostAddress() + ":" + port);
        var joining = settings().set("port", port).set("multicast", GROUP.getHostAddress());
        try (var server = TestServer.start(transport, new TestContext("udp", sending, groups));
                var other = TestServer.start(transport, new TestContext("other", joining, groups))) {
            server.awaitMembers(0);
            assertThat(other.port()).isEqualTo(port);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "multicast,127.0.0.1",
        "multicast,239.1.2.3:1",
        "multicast,name",
        "multicast-members,239.1.2.3",
        "multicast-members,127.0.0.1:1",
        "multicast-members,239.1.2.3:0",
        "multicast-members,localhost:1",
        "preconfig-addresses,239.1.2.3:1",
        "ttl,256"
    })
    void whatIsNoGroupIsAWrongSetting(String key, String value) {
        assertThatThrownBy(() -> TestServer.start(settings().set(key, value)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(key);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,ttl,1,multicast,239.1.2.3,host-address",
        "0.0.0.0,ttl,1,multicast,ff05::1:2,host-address",
        "0.0.0.0,ttl,1,multicast-members,[ff05::1:2]:1,host-address"
    })
    void whatCannotBeIsToldAtTheStart(
            String host, String key, String value, String otherKey, String otherValue, String told) {
        var settings = settings().set("host-address", host).set(key, value).set(otherKey, otherValue);
        assertThatThrownBy(() -> TestServer.start(settings))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("transports.udp.")
                .hasMessageContaining(told)
                .hasMessageNotContaining("\n");
    }
}
