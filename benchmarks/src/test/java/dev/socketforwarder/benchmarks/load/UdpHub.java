package dev.socketforwarder.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.function.LongPredicate;

/** Gives each datagram to all that have registered, but for those whose numbers are to be lost. */
final class UdpHub implements Closeable {
    private final DatagramChannel channel = DatagramChannel.open();
    private final LongPredicate isLost;

    UdpHub(LongPredicate isLost) throws IOException {
        this.isLost = isLost;
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofPlatform().daemon().name("hub").start(this::run);
    }

    Target target() throws IOException {
        return Target.of(
                new Access((InetSocketAddress) channel.getLocalAddress(), Protocol.FORWARDER, false),
                Optional.empty(),
                new Proc(0));
    }

    private void run() {
        var members = new LinkedHashSet<SocketAddress>();
        var bytes = ByteBuffer.allocate(2048);
        try {
            while (true) {
                var source = channel.receive(bytes.clear());
                bytes.flip();
                if (StandardCharsets.ISO_8859_1
                        .decode(bytes.duplicate())
                        .toString()
                        .startsWith(Protocol.PREFIX)) {
                    members.add(source);
                } else if (!isLost.test(Message.number(bytes, 0))) {
                    for (var member : members) {
                        channel.send(bytes.duplicate(), member);
                    }
                }
            }
        } catch (ClosedChannelException _) {
            // the end
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
