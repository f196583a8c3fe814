package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.members.ListeningAddresses;
import dev.socketforwarder.transport.udp.members.ListeningAddresses.Listening;
import dev.socketforwarder.transport.udp.members.LocalInterfaces;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests addresses that must not be members. */
@BothPaths
@Timeout(60)
class ForbiddenTargetTest {
    @Parameter
    private IoPath io;

    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "239.1.2.3", "ff02::1", "255.255.255.255", "127.255.255.255", "0.0.0.0", "::"})
    void addressesOfManyOrOfNobodyAreRefused(String address) {
        assertThat(new ListeningAddresses(new LocalInterfaces()).objection(at(address, 9)))
                .isPresent();
    }

    @Test
    void broadcastAddressesOfTheInterfacesAreRefused() throws SocketException {
        var broadcast = NetworkInterface.networkInterfaces()
                .flatMap(each -> each.getInterfaceAddresses().stream())
                .map(InterfaceAddress::getBroadcast)
                .filter(Objects::nonNull)
                .findAny();
        Assumptions.assumeTrue(broadcast.isPresent(), "no interface here has a broadcast address");

        assertThat(new ListeningAddresses(new LocalInterfaces()).objection(new InetSocketAddress(broadcast.get(), 9)))
                .hasValue("a broadcast address");
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.1,24,10.9.0.255",
        "127.0.0.1,8,127.255.255.255",
        "192.0.2.77,30,192.0.2.79",
        "172.31.9.9,21,172.31.15.255",
        "192.0.2.77,31,",
        "192.0.2.77,32,",
        "10.0.0.1,0,",
        "fd00::1,64,"
    })
    void theLastAddressOfANetworkIsItsBroadcastAddress(String address, int prefixLength, String expected) {
        assertThat(LocalInterfaces.lastOfNetwork(InetAddress.ofLiteral(address), prefixLength))
                .isEqualTo(Optional.ofNullable(expected).map(InetAddress::ofLiteral));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,127.0.0.1,true",
        "127.0.0.1,127.0.0.2,false",
        "127.0.0.1,::1,false",
        "0.0.0.0,127.0.0.1,true",
        "0.0.0.0,127.9.9.9,true",
        "0.0.0.0,::1,false",
        "0.0.0.0,192.0.2.77,false",
        "::,127.0.0.1,true",
        "::,::1,true",
        "::1,::1,true"
    })
    void ownAddressesAreRefused(String bound, String target, boolean refused) {
        var listening = new ListeningAddresses(new LocalInterfaces());
        var mine = new Listening(List.of(at(bound, 4000)), () -> {});
        listening.add(mine);

        assertThat(listening.objection(at(target, 4000)).isPresent()).isEqualTo(refused);
        assertThat(listening.objection(at(target, 4001))).isEmpty();
        listening.remove(mine);
        assertThat(listening.objection(at(target, 4000))).isEmpty();
    }

    @Test
    void anEndpointsOwnPortIsRefused() throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var outsider = server.peer()) {
            outsider.register(server.port());
            server.awaitCount(Reason.FORBIDDEN_TARGET, 1);

            outsider.isNextHeardBy(a);
            assertThat(server.count(Counter.WRITES)).isLessThanOrEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::"})
    void anotherEndpointsPortIsRefused(String otherHost) throws IOException {
        var transport = new UdpTransport();
        var groups = TestServer.groups();
        var otherSettings = TestServer.settings(io).set("host-address", otherHost);
        try (var server = TestServer.start(transport, new TestContext("udp", TestServer.settings(io), groups));
                var other = TestServer.start(transport, new TestContext("other", otherSettings, groups));
                var a = server.peer()) {
            a.register(other.port());
            server.awaitCount(Reason.FORBIDDEN_TARGET, 1);

            assertThat(server.count(Counter.JOINED)).isZero();
        }
    }

    @Test
    void aMemberIsRemovedWhenAnotherEndpointBeginsToListenAtItsAddress() throws IOException {
        var transport = new UdpTransport();
        var groups = TestServer.groups();
        try (var server = TestServer.start(transport, new TestContext("udp", TestServer.settings(io), groups))) {
            int port;
            try (var a = server.member()) {
                port = a.port();
            }
            var otherSettings = TestServer.settings(io).set("port", port);
            try (var other = TestServer.start(transport, new TestContext("other", otherSettings, groups))) {
                server.awaitMembers(0);
                server.awaitCount(Reason.FORBIDDEN_TARGET, 1);
                assertThat(other.port()).isEqualTo(port);
            }
        }
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }
}
