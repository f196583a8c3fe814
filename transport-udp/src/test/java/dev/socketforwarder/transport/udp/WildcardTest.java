package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests an endpoint on all addresses of a machine that has two; all of 127/8 reaches this machine. */
@BothPaths
@Timeout(60)
class WildcardTest {
    @Parameter
    private IoPath io;

    private static final InetAddress FIRST = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress SECOND = InetAddress.ofLiteral("127.0.0.2");
    private static final InetAddress LATER = InetAddress.ofLiteral("127.0.0.3");

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        var transport = new UdpTransport(TestMachine.withOwnAddresses(Set.of(FIRST, SECOND)));
        var settings = TestServer.settings(io).set("host-address", "0.0.0.0");
        server = TestServer.start(transport, new TestContext("udp", settings, TestServer.groups()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private TestPeer peerOf(InetAddress address) throws IOException {
        return new TestPeer(new InetSocketAddress(address, server.port()), FIRST);
    }

    @Test
    void datagramsLeaveFromTheAddressThatTheMemberRegisteredAt() throws IOException {
        try (var first = peerOf(FIRST);
                var second = peerOf(SECOND);
                var sender = peerOf(FIRST)) {
            first.register();
            second.register();
            server.awaitMembers(2);
            sender.send("hello");

            assertThat(first.receivePacket().getAddress()).isEqualTo(FIRST);
            assertThat(second.receivePacket().getAddress()).isEqualTo(SECOND);
        }
    }

    @Test
    void anAddressThatTheMachineGotLaterIsServedToo() throws IOException {
        try (var member = peerOf(LATER);
                var sender = peerOf(LATER)) {
            member.register();
            server.awaitMembers(1);
            sender.send("hello");

            assertThat(member.receiveText()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::"})
    void aConnectedMemberIsAnsweredFromTheAddressThatItIsConnectedTo(String host) throws IOException {
        UdpEndpointTest.assumeIpv6();
        try (var wildcard = TestServer.start(TestServer.settings(io).set("host-address", host));
                var member = new TestPeer(new InetSocketAddress(LATER, wildcard.port()), SECOND);
                var another = new TestPeer(new InetSocketAddress(LATER, wildcard.port()), SECOND);
                var sender = new TestPeer(new InetSocketAddress(FIRST, wildcard.port()), FIRST)) {
            member.socket.connect(new InetSocketAddress(LATER, wildcard.port()));
            member.register();
            wildcard.awaitMembers(1);
            // From now on the address has a socket of its own, whoever sends there.
            another.register();
            wildcard.awaitMembers(2);
            sender.send("hello");

            assertThat(member.receiveText()).isEqualTo("hello");
            assertThat(another.receivePacket().getAddress()).isEqualTo(LATER);
        }
    }

    @Test
    void nobodyElseCanShareThePort() throws IOException {
        for (var address : Set.of("0.0.0.0", "127.0.0.1", "127.0.0.3")) {
            try (var thief = new DatagramSocket(null)) {
                thief.setReuseAddress(true);
                assertThatThrownBy(() -> thief.bind(new InetSocketAddress(address, server.port())))
                        .isInstanceOf(BindException.class);
            }
        }
    }

    @Test
    void onlyTheWildcardIsListedAsAnAddress() {
        assertThat(server.endpoint.localAddresses())
                .containsExactly(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), server.port()));
    }
}
