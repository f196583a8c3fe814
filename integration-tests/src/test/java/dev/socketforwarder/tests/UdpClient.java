package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A plain UDP socket. On the loopback interface a datagram is in its receiver's queue when {@code send} returns, so
 * what several clients send one after the other arrives in that order.
 */
final class UdpClient implements AutoCloseable {
    private final DatagramSocket socket;
    private final InetSocketAddress forwarder;

    private UdpClient(DatagramSocket socket, InetSocketAddress forwarder) {
        this.socket = socket;
        this.forwarder = forwarder;
    }

    static UdpClient to(InetSocketAddress forwarder) {
        var host = forwarder.getAddress().isLoopbackAddress()
                        && forwarder.getAddress().getAddress().length > 4
                ? "::1"
                : "127.0.0.1";
        return from(new InetSocketAddress(host, 0), forwarder);
    }

    /** Send from a given address; all of 127.0.0.0/8 is on this machine. */
    static UdpClient from(String source, InetSocketAddress forwarder) {
        return from(new InetSocketAddress(source, 0), forwarder);
    }

    static UdpClient from(InetSocketAddress source, InetSocketAddress forwarder) {
        try {
            var socket = new DatagramSocket(source);
            socket.setSoTimeout((int) Forwarder.LIMIT.toMillis());
            socket.setReceiveBufferSize(4 << 20);
            return new UdpClient(socket, forwarder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Register the address that this socket sends from. */
    UdpClient register() {
        return send(TcpClient.PREFIX);
    }

    /** Register until a datagram of {@code other} with this text arrives, which proves the membership. */
    void registerUntilHeard(UdpClient other, String text) {
        long deadline = System.nanoTime() + Forwarder.LIMIT.toNanos();
        try {
            socket.setSoTimeout(100);
            while (System.nanoTime() < deadline) {
                register();
                other.send(text);
                try {
                    expect(text);
                    socket.setSoTimeout((int) Forwarder.LIMIT.toMillis());
                    return;
                } catch (UncheckedIOException _) {
                    // Not yet.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("not registered: " + socket.getLocalSocketAddress());
    }

    UdpClient send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    UdpClient send(byte[] bytes) {
        try {
            socket.send(new DatagramPacket(bytes, bytes.length, forwarder));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DatagramPacket receivePacket() {
        try {
            var packet = new DatagramPacket(new byte[65_536], 65_536);
            socket.receive(packet);
            return packet;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] receive() {
        var packet = receivePacket();
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /** Assert that exactly this datagram comes next. */
    UdpClient expect(String text) {
        assertThat(new String(receive(), StandardCharsets.UTF_8)).isEqualTo(text);
        return this;
    }

    int port() {
        return socket.getLocalPort();
    }

    InetAddress host() {
        return socket.getLocalAddress();
    }

    @Override
    public void close() {
        socket.close();
    }
}
