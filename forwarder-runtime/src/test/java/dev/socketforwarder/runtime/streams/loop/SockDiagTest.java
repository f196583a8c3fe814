package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(20)
@EnabledOnOs(OS.LINUX)
class SockDiagTest {
    private static final int SENT = 10_000;

    private final SockDiag kernel;
    private ServerSocketChannel listener;
    private SocketChannel peer;
    private SocketChannel ours;

    SockDiagTest() throws IOException {
        kernel = new SockDiag();
    }

    @AfterEach
    void close() throws IOException {
        kernel.close();
        for (var channel : new Channel[] {listener, peer, ours}) {
            if (channel != null) {
                channel.close();
            }
        }
    }

    private void connect(ServerSocketChannel unbound, String host) throws IOException {
        listener = unbound;
        listener.setOption(StandardSocketOptions.SO_RCVBUF, 8_192); // also the buffer of accepted connections
        listener.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
        ours = SocketChannel.open(listener.getLocalAddress());
        peer = listener.accept();
        ours.configureBlocking(false);
        ours.setOption(StandardSocketOptions.SO_SNDBUF, 65_536);
    }

    private PeerProgress progress() throws IOException {
        return kernel.progress((InetSocketAddress) ours.getLocalAddress(), (InetSocketAddress) ours.getRemoteAddress())
                .orElseThrow();
    }

    private PeerProgress await(Predicate<PeerProgress> expected) throws IOException {
        var now = progress();
        while (!expected.test(now)) { // the test's time limit ends this loop too
            Thread.onSpinWait();
            now = progress();
        }
        return now;
    }

    private void fill() throws IOException {
        var bytes = ByteBuffer.allocate(SENT);
        while (ours.write(bytes.clear()) > 0) {
            // The kernel takes more.
        }
    }

    private void readSome(int bytes) throws IOException {
        var buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            peer.read(buffer);
        }
    }

    private void tellsWhatThePeerTook() throws IOException {
        var before = progress();
        ours.write(ByteBuffer.allocate(SENT / 10));
        var acknowledged = await(now -> now.since(before) >= SENT / 10);
        assertThat(acknowledged.unacknowledged()).isZero();
        fill();
        var full = await(now -> now.unacknowledged() > 0);
        readSome(SENT / 10);
        var read = await(now -> now.since(full) >= SENT / 10);
        assertThat(read.read() - full.read()).isEqualTo(SENT / 10);
    }

    @Test
    void tellsOfIpv4() throws IOException {
        connect(ServerSocketChannel.open(StandardProtocolFamily.INET), "127.0.0.1");
        tellsWhatThePeerTook();
    }

    @Test
    void tellsOfIpv4OnSocketsForBothFamilies() throws IOException {
        connect(ServerSocketChannel.open(), "127.0.0.1");
        tellsWhatThePeerTook();
        var accepted = kernel.progress(
                (InetSocketAddress) peer.getLocalAddress(), (InetSocketAddress) peer.getRemoteAddress());
        assertThat(accepted).isPresent();
    }

    @Test
    @DisabledIfSystemProperty(named = "without.ipv6", matches = "true")
    void tellsOfIpv6() throws IOException {
        connect(ServerSocketChannel.open(), "::1");
        tellsWhatThePeerTook();
    }

    @Test
    void whoListensThereIsNoConnection() throws IOException {
        connect(ServerSocketChannel.open(), "127.0.0.1");
        var nobody = new InetSocketAddress("127.0.0.1", 1);
        assertThat(kernel.progress((InetSocketAddress) listener.getLocalAddress(), nobody))
                .isEmpty();
        assertThat(kernel.progress(nobody, nobody)).isEmpty();
        assertThat(progress()).isNotNull();
    }
}
