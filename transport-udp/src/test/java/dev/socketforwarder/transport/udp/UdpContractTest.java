package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.ContractPeer;
import dev.socketforwarder.runtime.TransportContract;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The UDP transport keeps the contract of transports. */
@ParameterizedClass(name = "{0}, {1} sockets")
@MethodSource("all")
class UdpContractTest extends TransportContract {

    static Stream<Arguments> all() {
        return BothPaths.Paths.all().stream().flatMap(io -> Stream.of(Arguments.of(io, 1), Arguments.of(io, 3)));
    }

    UdpContractTest(IoPath io, int sockets) {
        super(
                new UdpTransport(),
                Map.of(
                        "host-address",
                        "127.0.0.1",
                        "io",
                        io.name().toLowerCase(Locale.ROOT),
                        "sockets",
                        Integer.toString(sockets)));
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
