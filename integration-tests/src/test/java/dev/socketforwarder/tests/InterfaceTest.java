package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests multicast over a network interface that appears late, or is made again. */
@Tag("network")
class InterfaceTest {
    private static final InetAddress RECEIVED = InetAddress.ofLiteral("239.77.1.2");
    private static final InetAddress SENT = InetAddress.ofLiteral("239.77.1.3");
    private static final int SENT_PORT = 5000;
    private static final String MAKE = """
            ip link add dongle type veth peer name other
            ip link set dev other up
            ip address add 198.18.99.1/24 dev dongle
            ip link set dev dongle up
            """;
    private static final String SETTINGS = "multicast: [\"" + RECEIVED.getHostAddress() + "\"], multicast-members: [\""
            + SENT.getHostAddress() + ":" + SENT_PORT + "\"]";

    private final Network network = new Network();
    private final Namespace host = network.forwarders();
    private UdpClient member;

    @AfterEach
    void close() {
        network.close();
    }

    private Forwarder start(String settings) {
        var forwarder = network.start(SETTINGS + ", " + settings);
        var loopback = InetAddress.ofLiteral("127.0.0.1");
        member = host.make(() -> network.registered(
                UdpClient.from(new InetSocketAddress(loopback, 0), new InetSocketAddress(loopback, Network.PORT))));
        return forwarder;
    }

    /** Assert that the member gets what is sent to the one group, and the other group gets what the member sends. */
    private void assertReceivesAndSends() {
        host.make(() -> {
            var dongle = NetworkInterface.getByName("dongle");
            try (var program = new MulticastSocket(SENT_PORT)) {
                program.setSoTimeout((int) Forwarder.LIMIT.toMillis());
                program.setOption(StandardSocketOptions.IP_MULTICAST_IF, dongle);
                program.joinGroup(new InetSocketAddress(SENT, 0), dongle);
                var bytes = "to the group".getBytes(StandardCharsets.UTF_8);
                program.send(new DatagramPacket(bytes, bytes.length, RECEIVED, Network.PORT));
                // The program is in a group that gets what the endpoint receives.
                assertThat(receive(program)).isEqualTo("to the group");
                member.expect("to the group");
                member.send("from the member");
                assertThat(receive(program)).isEqualTo("from the member");
            }
            return null;
        });
    }

    private static String receive(MulticastSocket program) throws IOException {
        var packet = new DatagramPacket(new byte[100], 100);
        program.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"native,'interface: dongle'", "nio,'interface: dongle'", "native,ttl: 1", "nio,ttl: 1"})
    void oneThatComesAfterTheStartTakesPart(String io, String settings) {
        var forwarder = start(settings + ", io: " + io);
        forwarder.awaitLine(
                settings.startsWith("ttl") ? "no network interface can join" : "no network interface dongle");
        host.run("sh", MAKE + "ip route add 239.0.0.0/8 dev dongle\n");
        forwarder.awaitLine("network interface dongle is present");
        assertReceivesAndSends();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void oneThatIsMadeAgainTakesPartAgain(String io) {
        host.run("sh", MAKE);
        var forwarder = start("interface: dongle, io: " + io);
        assertReceivesAndSends();
        host.run("ip link del dev dongle");
        forwarder.awaitLine("network interface dongle is gone");
        host.run("sh", MAKE);
        forwarder.awaitLine("network interface dongle is present");
        assertReceivesAndSends();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void soDoesOneThatNobodySawGone(String io) {
        host.run("sh", MAKE);
        var forwarder = start("interface: dongle, io: " + io);
        assertReceivesAndSends();
        host.run("sh", "ip link del dev dongle\n" + MAKE);
        forwarder.awaitLine("network interface dongle is present");
        assertReceivesAndSends();
    }
}
