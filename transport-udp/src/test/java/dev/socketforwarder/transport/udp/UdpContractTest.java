package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Transport;
import dev.socketforwarder.testkit.ContractClient;
import dev.socketforwarder.testkit.ScriptedContext;
import dev.socketforwarder.testkit.TransportContract;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The UDP transport keeps the promises of the API, by either path, with one socket and with several. */
@ParameterizedClass(name = "{0}, {1} sockets")
@MethodSource("all")
class UdpContractTest extends TransportContract {
    private final UdpTransport transport = new UdpTransport();
    private final IoPath io;
    private final int sockets;

    UdpContractTest(IoPath io, int sockets) {
        this.io = io;
        this.sockets = sockets;
    }

    static Stream<Arguments> all() {
        return BothPaths.Paths.all().stream().flatMap(io -> Stream.of(Arguments.of(io, 1), Arguments.of(io, 3)));
    }

    @Override
    protected Transport transport() {
        return transport;
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of(
                "host-address",
                "127.0.0.1",
                "port",
                0,
                "io",
                io.name().toLowerCase(Locale.ROOT),
                "sockets",
                sockets,
                "new-client-prefix",
                "JOIN "); // the beginning of the kit's first message
    }

    @Override
    protected ContractClient connect(SocketAddress server, String group) throws IOException {
        var peer = new TestPeer((InetSocketAddress) server);
        peer.send(ScriptedContext.firstMessage(group).getBytes(StandardCharsets.UTF_8));
        return new ContractClient() {
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
