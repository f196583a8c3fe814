package dev.socketforwarder.transport.udp.preconfigured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.transport.udp.BothPaths;
import dev.socketforwarder.transport.udp.TestPeer;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.UdpEndpointTest;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests members from the start: their names, addresses and sockets. */
@BothPaths
@Timeout(60)
class PreconfiguredMembersTest {
    @Parameter
    private IoPath io;

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost"})
    void theyAreMembersFromTheStart(String host) throws IOException {
        try (var first = new TestPeer(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9))) {
            var settings = TestServer.settings(io).set("preconfig-addresses", host + ":" + first.port());
            try (var server = TestServer.start(settings);
                    var outsider = server.peer()) {
                server.awaitCount(Counter.MEMBERS, 1);
                outsider.isNextHeardBy(first);
            }
        }
    }

    @Test
    void theirOwnDatagramsDoNotComeBack() throws IOException {
        int port = freePort();
        var settings = TestServer.settings(io).set("preconfig-addresses", "127.0.0.1:" + port);
        try (var server = TestServer.start(settings);
                var member = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
                var other = server.member()) {
            member.send(new DatagramPacket(new byte[3], 3, server.address()));
            assertThat(other.receive()).hasSize(3);
            TestServer.await(() -> server.count(Counter.WRITES) == 1, "one datagram sent");
        }
    }

    @Test
    void anIpv6AddressStandsInBrackets() throws IOException {
        UdpEndpointTest.assumeIpv6();
        try (var member = new TestPeer(new InetSocketAddress(InetAddress.ofLiteral("::1"), 9))) {
            var settings = TestServer.settings(io)
                    .set("host-address", "::")
                    .set("preconfig-addresses", "[::1]:" + member.port());
            try (var server = TestServer.start(settings);
                    var outsider = new TestPeer(server.address(), InetAddress.ofLiteral("::1"))) {
                outsider.isNextHeardBy(member);
            }
        }
    }

    @Test
    void theForwardersOwnAddressFailsTheStartAndNothingStaysBound() throws IOException {
        int port = freePort();
        var settings = TestServer.settings(io).set("port", port).set("preconfig-addresses", "127.0.0.1:" + port);
        assertThatThrownBy(() -> TestServer.start(settings))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("forbidden-target");

        TestServer.start(TestServer.settings(io).set("port", port)).close();
    }

    @Test
    void anAddressThatNoSocketReachesFailsTheStart() {
        assertThatThrownBy(() -> TestServer.start(TestServer.settings(io).set("preconfig-addresses", "[::1]:4000")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("::1")
                .hasMessageContaining("host-address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4000",
                ":4000",
                "host:",
                "host:0",
                "host:65536",
                "host:*",
                "::1:4000",
                "[::1:4000",
                "239.1.2.3:4000",
                "255.255.255.255:4000",
                "0.0.0.0:4000",
                "[::]:4000",
                "[ff02::1]:4000",
                " :4000"
            })
    void whatIsNoAddressIsAWrongSetting(String text) {
        assertThatThrownBy(() -> TestServer.start(TestServer.settings(io).set("preconfig-addresses", List.of(text))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("preconfig-addresses")
                .hasMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,127.0.0.1,0",
        "127.0.0.1,192.0.2.1 127.0.0.1,1",
        "198.51.100.1,127.0.0.1 192.0.2.1,1",
        "198.51.100.1,127.0.0.1,-1",
        "198.51.100.1,192.0.2.1 0.0.0.0,1",
        "198.51.100.1,2001:db8::1 ::,1",
        "2001:db8::9,0.0.0.0 ::,1",
        "2001:db8::9,0.0.0.0,-1",
        "2001:db8::9,192.0.2.1 2001:db8::1,1",
        "127.0.0.1,192.0.2.1,0"
    })
    void theSocketThatFitsSendsToAnAddress(String target, String bound, int expected) {
        var sockets = Arrays.stream(bound.split(" "))
                .map(each -> new InetSocketAddress(InetAddress.ofLiteral(each), 4000))
                .toList();

        assertThat(PreconfiguredMembers.socketFor(InetAddress.ofLiteral(target), sockets))
                .isEqualTo(expected < 0 ? OptionalInt.empty() : OptionalInt.of(expected));
    }

    private static int freePort() throws IOException {
        try (var socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))) {
            return socket.getLocalPort();
        }
    }
}
