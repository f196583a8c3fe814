package dev.socketforwarder.transport.udp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.TestContext;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.UdpEndpointTest;
import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests hop limits as they are sent and received. */
@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
@Timeout(60)
class NativeHopsTest {
    private static final int COUNT = 12;
    private static final int SIZE = 10;

    private static NativeSockets bind(String host) throws IOException {
        var context = new TestContext(
                "udp", TestServer.settings(IoPath.NATIVE).set("host-address", host), TestServer.groups());
        return NativeSockets.bind(context, UdpSettings.read(context.settings()), true, new Tally(context), List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,127.0.0.1,127.0.0.1",
        "0.0.0.0,0.0.0.0,127.0.0.2",
        "::,::,127.0.0.2",
        "::,0.0.0.0,127.0.0.2",
        "::,::,::1",
        "::1,::,::1"
    })
    void arriveAsTheyWereSent(String fromHost, String toHost, String target) throws IOException {
        UdpEndpointTest.assumeIpv6();
        var from = bind(fromHost);
        var to = bind(toHost);
        try {
            int port = to.localAddresses().getFirst().getPort();
            var address = InetAddress.ofLiteral(target);
            var local = from.localAddresses().getFirst().getAddress();
            var source = local.isAnyLocalAddress() ? address : local;
            var destination = from.destination(0, source, new InetSocketAddress(address, port));
            var block = Block.borrowed(ByteBuffer.allocateDirect(COUNT * SIZE));
            for (int hops : new int[] {Hops.NONE, 40, Hops.LAST, Hops.NONE}) {
                var batch = new Batch(block, Batch.Form.MESSAGES);
                for (int i = 0; i < COUNT; i++) {
                    batch.add(i * SIZE, i == 0 ? SIZE / 2 : SIZE);
                }
                destination.send(batch, hops);
                from.flush();
                assertThat(receive(to)).hasSize(COUNT).containsOnly(hops == Hops.NONE ? Hops.START : hops);
            }
        } finally {
            from.close();
            to.close();
        }
    }

    private static List<Integer> receive(NativeSockets sockets) throws IOException {
        var hops = new ArrayList<Integer>();
        while (hops.size() < COUNT) {
            sockets.await((int) TestServer.LIMIT.toMillis());
            assertThat(sockets.isReadable(0)).isTrue();
            sockets.intake().clear();
            sockets.receive(0);
            for (int i = 0; i < sockets.intake().count(); i++) {
                hops.add(sockets.intake().hopLimit(i));
            }
        }
        return hops;
    }
}
