package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.ContractPeer;
import dev.socketforwarder.runtime.TransportContract;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;

/** The UDP transport keeps the contract of transports. */
@BothPaths
class UdpContractTest extends TransportContract {

    UdpContractTest(IoPath io) {
        super(
                new UdpTransport(),
                Map.of("host-address", "127.0.0.1", "io", io.name().toLowerCase(Locale.ROOT)));
    }

    @Override
    protected ContractPeer connect(InetSocketAddress server, String group) throws IOException {
        var peer = new TestPeer(server);
        peer.register();
        return new ContractPeer() {
            @Override
            public void send(byte[] bytes) throws IOException {
                peer.send(bytes);
            }

            @Override
            public byte[] receive(int n) throws IOException {
                var bytes = peer.receive();
                assertThat(bytes).hasSize(n);
                return bytes;
            }

            @Override
            public void close() {
                peer.close();
            }
        };
    }
}
