package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a forwarder bound to all addresses of a host with several, as members elsewhere see it. */
@Tag("network")
class ReplyAddressTest {
    private final Network network = new Network();

    @AfterEach
    void close() {
        network.close();
    }

    @ParameterizedTest
    @CsvSource({"native,0.0.0.0", "native,::", "nio,0.0.0.0", "nio,::"})
    void datagramsLeaveFromTheAddressThatTheirMemberRegisteredAt(String io, String hostAddress) throws SocketException {
        if (hostAddress.equals("::")) {
            Ipv6.require();
        }
        var link = network.link();
        var other = network.link();
        network.forwarders().run("ip address add " + link.near(9) + "/24 dev " + link.device());
        link.host().run("ip route add " + other.near(1) + "/32 via " + link.near(1));
        network.start(hostAddress, "io: " + io);
        var sender = other.client();
        // The last one is an address of another cable's end.
        assertRepliesFrom(link, link.far(), List.of(link.near(9), link.near(1), other.near(1)), sender);
    }

    @ParameterizedTest
    @CsvSource({"native", "nio"})
    void soDoThoseOfIpv6(String io) throws SocketException {
        Ipv6.require();
        var link = network.link();
        var other = network.link();
        link.addSix();
        other.addSix();
        network.forwarders().run("ip address add " + link.nearSix(9) + "/64 dev " + link.device() + " nodad");
        link.host().run("ip route add " + other.nearSix(1) + "/128 via " + link.nearSix(1));
        network.start("::", "io: " + io);
        var to = new InetSocketAddress(other.nearSix(1), Network.PORT);
        var sender = other.client(other.farSix(), 0, to);
        assertRepliesFrom(link, link.farSix(), List.of(link.nearSix(9), link.nearSix(1), other.nearSix(1)), sender);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void soDoThoseFromAnAddressThatCameLater(String io) throws SocketException {
        var link = network.link();
        var other = network.link();
        var forwarder = network.start("0.0.0.0", "io: " + io);
        network.forwarders().run("ip address add " + link.near(9) + "/24 dev " + link.device());
        if (io.equals("nio")) {
            forwarder.awaitLine("answers from " + link.near(9) + " too");
        }
        assertRepliesFrom(link, link.far(), List.of(link.near(9), link.near(1)), other.client());
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void soDoThoseFromAnIpv6AddressThatCameLater(String io) throws SocketException {
        Ipv6.require();
        var link = network.link();
        var other = network.link();
        link.addSix();
        other.addSix();
        var forwarder = network.start("::", "io: " + io);
        // The kernel first checks that the address is unique.
        network.forwarders().run("ip address add " + link.nearSix(9) + "/64 dev " + link.device());
        if (io.equals("nio")) {
            forwarder.awaitLine("answers from " + link.nearSix(9)); // followed by its scope
        }
        var to = new InetSocketAddress(other.nearSix(1), Network.PORT);
        assertRepliesFrom(
                link, link.farSix(), List.of(link.nearSix(9), link.nearSix(1)), other.client(other.farSix(), 0, to));
    }

    private void assertRepliesFrom(Link link, String at, List<String> forwarders, UdpClient sender) {
        var addresses = forwarders.stream()
                .map(host -> new InetSocketAddress(host, Network.PORT))
                .toList();
        var members = addresses.stream()
                .map(address -> network.registered(link.client(at, 0, address)))
                .toList();
        sender.send("where from?");
        for (int i = 0; i < members.size(); i++) {
            assertThat(members.get(i).receivePacket().getSocketAddress()).isEqualTo(addresses.get(i));
        }
    }
}
