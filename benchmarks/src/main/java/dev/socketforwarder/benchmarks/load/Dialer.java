package dev.socketforwarder.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Connects members. */
final class Dialer {
    static final Duration LIMIT = Duration.ofSeconds(30);

    // An address has about 28,000 ports to connect from.
    private static final int CONNECTIONS_OF_AN_ADDRESS = 10_000;
    private static final int RECEIVE_BUFFER = 4 << 20;

    private final Target target;
    private int dialled;

    Dialer(Target target) {
        this.target = target;
    }

    /** {@return a TCP connection to the server, which has said nothing} */
    static SocketChannel connect(InetSocketAddress server, int sourceAddress) throws IOException {
        var channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        if (server.getAddress().isLoopbackAddress()) {
            var source = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) sourceAddress});
            channel.bind(new InetSocketAddress(source, 0));
        }
        channel.connect(server);
        return channel;
    }

    /** {@return a connection of one that has joined the group, as far as the server's answer tells} */
    Link tcp(String group, boolean receives) throws IOException {
        var access = receives ? target.exit() : target.entrance();
        var protocol = access.protocol();
        var channel = connect(access.address(), 1 + dialled++ / CONNECTIONS_OF_AN_ADDRESS);
        channel.configureBlocking(false);
        Link link = new Link.Plain(channel);
        if (access.isWebSocket()) {
            link = WebSocketLink.connect(channel, access, group, new Patience("the answer to an upgrade", LIMIT));
        }
        await(link, protocol.greeting());
        if (target.tls().isPresent()) {
            link = TlsLink.connect(channel, target.tls().get(), new Patience("TLS handshake", LIMIT));
        }
        var hello = ByteBuffer.wrap(Protocol.bytes(protocol.hello(group, receives)));
        var patience = new Patience("room for a first message", LIMIT);
        while (!link.write(hello)) {
            patience.pause();
        }
        await(link, protocol.welcome(receives));
        return link;
    }

    private static void await(Link link, String end) throws IOException {
        var bytes = ByteBuffer.allocate(64 * 1024);
        var patience = new Patience("an answer that ends with " + end.strip(), LIMIT);
        while (!StandardCharsets.US_ASCII
                .decode(bytes.duplicate().flip())
                .toString()
                .endsWith(end)) {
            if (link.read(bytes) < 0) {
                throw new EOFException("the server closed a connection that was to join");
            }
            patience.pause();
        }
    }

    /** {@return a socket that sends datagrams of this length} */
    Link udp(int length) throws IOException {
        var channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        channel.connect(target.exit().address());
        channel.configureBlocking(false);
        return new Link.Datagrams(channel, length);
    }

    /** {@return the same, registered as a receiver} */
    Link udpReceiver(int length) throws IOException {
        var link = udp(length);
        var channel = (DatagramChannel) link.channel();
        int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
        channel.write(ByteBuffer.wrap(Protocol.bytes(Protocol.PREFIX + port)));
        return link;
    }
}
