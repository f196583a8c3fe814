package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Link;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.settings.MulticastSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Sockets without a network, which record what is sent. */
public final class RecordingSockets implements Sockets {
    /** A datagram that was sent. */
    public record Sent(InetSocketAddress to, String text) {}

    public final Deque<Sent> sent = new ArrayDeque<>();
    boolean closed;
    /** What a wait does. */
    Runnable onAwait = () -> {
        throw new UnsupportedOperationException();
    };

    private final InetSocketAddress local;

    public RecordingSockets(InetSocketAddress local) {
        this.local = local;
    }

    @Override
    public List<InetSocketAddress> localAddresses() {
        return List.of(local);
    }

    @Override
    public boolean needsInterfaces() {
        return false;
    }

    @Override
    public boolean follow(List<Link> now) {
        return true;
    }

    @Override
    public void change(MulticastSettings settings) {}

    @Override
    public boolean sendsToGroups() {
        return false;
    }

    @Override
    public Destination destination(int socket, InetAddress from, InetSocketAddress address) {
        return new Destination() {
            @Override
            public InetSocketAddress address() {
                return address;
            }

            @Override
            public InetAddress from() {
                return from;
            }

            @Override
            public void send(Batch batch, int hops) {
                for (int i = 0; i < batch.count(); i++) {
                    var bytes = new byte[batch.length(i)];
                    batch.block().bytes().get(batch.offset(i), bytes);
                    sent.add(new Sent(address, new String(bytes, StandardCharsets.ISO_8859_1)));
                }
            }
        };
    }

    @Override
    public void await(int limitMs) {
        onAwait.run();
    }

    @Override
    public void wakeup() {}

    @Override
    public boolean isReadable(int socket) {
        return false;
    }

    @Override
    public boolean seesHops() {
        return false;
    }

    @Override
    public Intake intake() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void receive(int socket) {}

    @Override
    public void flush() {}

    @Override
    public void stopReceiving() {}

    @Override
    public void close() {
        closed = true;
    }
}
