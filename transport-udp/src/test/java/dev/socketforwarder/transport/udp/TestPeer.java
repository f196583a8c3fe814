package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A plain socket on the server's host. Every wait has a limit. */
public final class TestPeer implements AutoCloseable {
    private static final AtomicInteger MARKERS = new AtomicInteger();

    final DatagramSocket socket;
    private final InetSocketAddress server;
    private final byte[] buffer = new byte[70_000];

    public TestPeer(InetSocketAddress server) throws IOException {
        this(server, loopbackOf(server));
    }

    public TestPeer(InetSocketAddress server, InetAddress host) throws IOException {
        this(server, host, 0);
    }

    TestPeer(InetSocketAddress server, InetAddress host, int port) throws IOException {
        this.server = server.getAddress().isAnyLocalAddress() ? new InetSocketAddress(host, server.getPort()) : server;
        socket = new DatagramSocket(new InetSocketAddress(host, port));
        socket.setSoTimeout((int) TestServer.LIMIT.toMillis());
        socket.setReceiveBufferSize(4 << 20);
    }

    private static InetAddress loopbackOf(InetSocketAddress server) {
        return InetAddress.ofLiteral(server.getAddress().getAddress().length == 4 ? "127.0.0.1" : "::1");
    }

    public static InetAddress address(byte[] ip) {
        try {
            return InetAddress.getByAddress(ip);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** {@return the port that it sends to} */
    int serverPort() {
        return server.getPort();
    }

    public void register() throws IOException {
        register("");
    }

    public void register(Object argument) throws IOException {
        send(UdpSettings.DEFAULT_PREFIX + argument);
    }

    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    public void send(byte[] bytes) throws IOException {
        socket.send(new DatagramPacket(bytes, bytes.length, server));
    }

    public byte[] receive() throws IOException {
        var packet = receivePacket();
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    public DatagramPacket receivePacket() throws IOException {
        var packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        return packet;
    }

    public String receiveText() throws IOException {
        return new String(receive(), StandardCharsets.UTF_8);
    }

    /** {@return what arrives before {@code last}, which must arrive too} */
    List<String> receiveUntil(String last) throws IOException {
        var before = new ArrayList<String>();
        for (var text = receiveText(); !text.equals(last); text = receiveText()) {
            before.add(text);
        }
        return before;
    }

    /**
     * Prove that nothing is waiting for these peers or on its way to them: what this outsider sends now arrives next.
     */
    public void isNextHeardBy(TestPeer... peers) throws IOException {
        var marker = "marker " + MARKERS.incrementAndGet();
        send(marker);
        for (var peer : peers) {
            assertThat(peer.receiveText()).isEqualTo(marker);
        }
    }

    /**
     * Prove that these peers hear this outsider. Peers that have just come to an endpoint with several threads may
     * first get what was sent just before.
     */
    void isHeardBy(TestPeer... peers) throws IOException {
        int number = MARKERS.incrementAndGet();
        send("marker " + number);
        for (var peer : peers) {
            String text;
            do {
                text = peer.receiveText();
                assertThat(text).matches("marker [0-9]+");
            } while (Integer.parseInt(text.substring("marker ".length())) < number);
            assertThat(text).isEqualTo("marker " + number);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
