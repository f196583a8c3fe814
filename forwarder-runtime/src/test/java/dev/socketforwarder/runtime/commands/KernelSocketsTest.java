package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.commands.Holders.Holder;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelSocketsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @TempDir
    private Path empty;

    /** {@return sockets with the kernel's tables, and sockets without any tables, which try to bind instead} */
    private List<KernelSockets> both() {
        return List.of(new KernelSockets(), new KernelSockets(empty, new Holders()));
    }

    private static boolean isBound(KernelSockets sockets, Protocol protocol, InetAddress address, int port)
            throws IOException {
        return sockets.holder(protocol, address, port) != Holder.NOBODY;
    }

    private static boolean isBound(KernelSockets sockets, Path path) throws IOException {
        return sockets.holder(path) != Holder.NOBODY;
    }

    @Test
    void aListeningSocketIsBoundUntilItCloses() throws IOException {
        for (var sockets : both()) {
            int port;
            try (var server = new ServerSocket(0, 1, LOOPBACK)) {
                port = server.getLocalPort();
                assertThat(isBound(sockets, Protocol.TCP, LOOPBACK, port)).isTrue();
                assertThat(isBound(sockets, Protocol.UDP, LOOPBACK, port)).isFalse();
            }
            assertThat(isBound(sockets, Protocol.TCP, LOOPBACK, port)).isFalse();
        }
    }

    @Test
    void aDatagramSocketIsBound() throws IOException {
        var unused = InetAddress.ofLiteral("127.77.12.34"); // where nobody listens on the same TCP port
        for (var sockets : both()) {
            try (var socket = new DatagramSocket(new InetSocketAddress(unused, 0))) {
                assertThat(isBound(sockets, Protocol.UDP, unused, socket.getLocalPort()))
                        .isTrue();
                assertThat(isBound(sockets, Protocol.TCP, unused, socket.getLocalPort()))
                        .isFalse();
            }
        }
    }

    @Test
    void aChannelOnAllAddressesIsBoundThere() throws IOException {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress("0.0.0.0", 0))) {
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();

            assertThat(isBound(new KernelSockets(), Protocol.TCP, InetAddress.getByName("0.0.0.0"), port))
                    .isTrue();
            assertThat(isBound(new KernelSockets(), Protocol.TCP, LOOPBACK, port))
                    .isFalse();
        }
    }

    @Test
    void aConnectionsOwnPortIsNotListening() throws IOException {
        try (var server = new ServerSocket(0, 1, LOOPBACK);
                var client = new Socket(LOOPBACK, server.getLocalPort())) {
            assertThat(isBound(new KernelSockets(), Protocol.TCP, LOOPBACK, client.getLocalPort()))
                    .isFalse();
        }
    }

    @Test
    void aUnixSocketIsBoundWhileItListens() throws IOException {
        var folder = Files.createTempDirectory("sf"); // a short path, since the length of a socket's path is limited
        var encoding = Charset.forName(System.getProperty("sun.jnu.encoding")); // that of the locale
        var path = folder.resolve(encoding.newEncoder().canEncode('\u00e4') ? "a s\u00e4" : "a sa");
        try {
            for (var sockets : both()) {
                assertThat(isBound(sockets, path)).isFalse();
                try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                    server.bind(UnixDomainSocketAddress.of(path));
                    assertThat(isBound(sockets, path)).isTrue();
                    try (var client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                        assertThat(client.isConnected()).isTrue();
                    }
                }
                assertThat(isBound(sockets, path)).as("its file is there").isFalse();
                Files.delete(path);
            }
        } finally {
            Files.deleteIfExists(path);
            Files.delete(folder);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0100007F:1A61, 127.0.0.1, true",
        "0100007F:1A62, 127.0.0.1, false",
        "0200007F:1A61, 127.0.0.1, false",
        "00000000:1A61, 0.0.0.0, true",
        "00000000:1A61, 127.0.0.1, false",
        "00000000:1A61, ::, false",
        "00000000000000000000000000000000:1A61, 0.0.0.0, true",
        "00000000000000000000000000000000:1A61, ::, true",
        "00000000000000000000000001000000:1A61, ::1, true",
        "0000000000000000FFFF00000100007F:1A61, 127.0.0.1, true",
        "B80D0120000000000000000001000000:1A61, 2001:db8::1, true",
        "B80D0120000000000000000002000000:1A61, 2001:db8::1, false",
        "address, 0.0.0.0, false",
    })
    void addressesAsTheKernelWritesThem(String field, String address, boolean matches) throws UnknownHostException {
        assertThat(KernelSockets.matches(field, InetAddress.getByName(address), 6753))
                .isEqualTo(matches);
    }
}
