package dev.socketforwarder.transport.udp.nio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.transport.udp.UdpEndpointTest;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the reading of Linux's lists of connected sockets. */
@EnabledOnOs(OS.LINUX)
class LocalPeersTest {
    private final LocalPeers peers = new LocalPeers(Path.of("/proc/net"));

    @ParameterizedTest
    @CsvSource({"127.0.0.9,127.3.0.7", "127.0.0.1,127.0.0.1", "::1,::1"})
    void aConnectedSocketTellsTheAddressThatItIsConnectedTo(String from, String to) throws IOException {
        UdpEndpointTest.assumeIpv6();
        try (var peer = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(from), 0))) {
            var address = (InetSocketAddress) peer.getLocalSocketAddress();
            assertThat(peers.contacted(address, 4000)).isEmpty();

            peer.connect(new InetSocketAddress(InetAddress.ofLiteral(to), 4000));
            assertThat(peers.contacted(address, 4000)).hasValue(InetAddress.ofLiteral(to));
            assertThat(peers.contacted(address, 4001)).isEmpty();
        }
    }

    @Test
    void whereThereAreNoListsNothingIsKnown(@TempDir Path empty) {
        var somebody = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 4000);

        assertThat(new LocalPeers(empty).contacted(somebody, 4000)).isEmpty();
    }
}
