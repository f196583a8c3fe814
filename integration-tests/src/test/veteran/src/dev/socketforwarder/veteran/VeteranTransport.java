package dev.socketforwarder.veteran;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.List;

/** Datagrams on a port of the loopback address: whoever sends the first one is the one member, of the group {@code group}. */
public final class VeteranTransport implements Transport {

    /** Make the transport; for {@link java.util.ServiceLoader}. */
    public VeteranTransport() {}

    @Override
    public String type() {
        return "veteran";
    }

    @Override
    public Protocol protocol() {
        return Protocol.UDP;
    }

    @Override
    public Endpoint open(TransportContext context) {
        return new Listening(
                context,
                context.settings().required("port", 0, 65_535),
                GroupId.of(context.settings().text("group", "veterans")));
    }

    private static final class Listening implements Endpoint, Member {
        private final TransportContext context;
        private final int port;
        private final GroupId group;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
        private final Block block = Block.borrowed(buffer);
        private final Batch batch = new Batch(block, Batch.Form.MESSAGES);
        private final EndpointLoop loop;
        private volatile DatagramChannel channel; // null: not started
        private Membership membership; // null: nobody has sent anything yet
        private SocketAddress peer;

        Listening(TransportContext context, int port, GroupId group) {
            this.context = context;
            this.loop = context.loop();
            this.port = port;
            this.group = group;
        }

        @Override
        public void start() throws IOException {
            channel = DatagramChannel.open();
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.configureBlocking(false);
            loop.execute(() -> {
                try {
                    loop.register(channel, SelectionKey.OP_READ, _ -> read());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        @Override
        public List<SocketAddress> localAddresses() {
            try {
                return channel == null || !channel.isOpen() ? List.of() : List.of(channel.getLocalAddress());
            } catch (IOException _) {
                return List.of();
            }
        }

        private void read() throws IOException {
            SocketAddress source;
            while ((source = channel.receive(buffer.clear())) != null) {
                if (membership == null && context.groups().join(group, this, loop) instanceof Joined(var joined)) {
                    membership = joined;
                    peer = source;
                    context.counters().add(Counter.JOINED, 1);
                }
                if (membership != null) {
                    membership.publish(batch.clear().add(0, buffer.position()));
                }
            }
        }

        @Override
        public Batch.Form form() {
            return Batch.Form.MESSAGES;
        }

        @Override
        public int largestMessage() {
            return 65_507;
        }

        @Override
        public boolean pausable() {
            return false;
        }

        @Override
        public void deliver(Batch given) {
            for (int i = 0; i < given.count(); i++) {
                try {
                    channel.send(given.block().bytes().slice(given.offset(i), given.length(i)), peer);
                } catch (IOException _) {
                    context.counters().add(Reason.SEND_FAILED, 1);
                }
            }
        }

        @Override
        public void close(Reason reason) {
            if (membership != null) {
                membership.leave(Reason.PEER_CLOSED);
                membership = null;
            }
        }

        @Override
        public String describe() {
            return "veteran " + peer;
        }

        @Override
        public void quiesce(Duration limit) {}

        @Override
        public Unsent stop(Duration limit) {
            if (channel != null) {
                loop.call(
                        () -> {
                            close(Reason.STOPPED);
                            try {
                                channel.close();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        limit.plusSeconds(1));
            }
            return Unsent.NONE;
        }
    }
}
