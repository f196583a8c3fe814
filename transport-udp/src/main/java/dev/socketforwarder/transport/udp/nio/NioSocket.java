package dev.socketforwarder.transport.udp.nio;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.GroupSocket;
import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Link;
import dev.socketforwarder.transport.udp.io.Tally;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Optional;

/** One bound {@link DatagramChannel}, which sends at once. Used on the endpoint's thread. */
final class NioSocket implements GroupSocket {
    private static final Logger LOG = System.getLogger(NioSocket.class.getName());

    /** Binds another channel to the same address. */
    @FunctionalInterface
    interface Rebinding {
        DatagramChannel bindAgain(InetSocketAddress address) throws IOException;
    }

    private final InetSocketAddress local;
    private final Rebinding rebinding;
    private final WriteWait writeWait;
    private final Tally tally;
    private final NioGroups groups = new NioGroups();
    private DatagramChannel channel;
    private SelectionKey key;
    /** The replaced channel, until it is empty; null if there is none. */
    private DatagramChannel former;

    // The messages of one batch go to many members, which share one view of its block.
    private Block viewedBlock;
    private ByteBuffer view;

    private boolean readable;
    private boolean failing;

    /** Take over a bound channel, and let {@code selector} wait for it from now on. */
    NioSocket(DatagramChannel channel, Selector selector, Rebinding rebinding, WriteWait writeWait, Tally tally)
            throws IOException {
        this.channel = channel;
        this.local = (InetSocketAddress) channel.getLocalAddress();
        this.rebinding = rebinding;
        this.writeWait = writeWait;
        this.tally = tally;
        this.key = register(channel, selector);
    }

    private SelectionKey register(DatagramChannel added, Selector selector) throws IOException {
        added.configureBlocking(false);
        return added.register(selector, SelectionKey.OP_READ, this);
    }

    DatagramChannel channel() {
        return channel;
    }

    @Override
    public InetAddress bound() {
        return local.getAddress();
    }

    @Override
    public void join(InetAddress group, Link through) throws IOException {
        if (groups.isStale()) {
            replaceChannel();
        }
        groups.join(channel, group, through);
    }

    @Override
    public void leave(InetAddress group, Link through) {
        groups.leave(group, through);
    }

    @Override
    public void sendToGroups(Optional<Link> through, int ttl) throws IOException {
        groups.sendBy(channel, through, ttl);
    }

    /** Continue with another channel at the same address, after receiving what waits in the old one. */
    private void replaceChannel() throws IOException {
        var fresh = rebinding.bindAgain(local);
        try {
            groups.moveTo(fresh);
            var freshKey = register(fresh, key.selector());
            key.cancel();
            if (former != null) {
                former.close();
            }
            former = channel;
            channel = fresh;
            key = freshKey;
        } catch (IOException | RuntimeException e) {
            fresh.close();
            throw e;
        }
    }

    InetSocketAddress local() {
        return local;
    }

    boolean isReadable() {
        return readable;
    }

    void readable(boolean value) {
        readable = value;
    }

    /** {@return whether receiving failed the last time} */
    boolean isFailing() {
        return failing;
    }

    /** {@return whether to try receiving although the selector does not report input} */
    boolean isOverdue() {
        return failing || former != null;
    }

    /** Wait for input, or ignore the socket. */
    void listen(boolean on) {
        key.interestOps(on ? SelectionKey.OP_READ : 0);
    }

    void receive(Intake intake) {
        try {
            var memory = intake.memory();
            int end = 0;
            while (intake.count() < Intake.MAX_DATAGRAMS && memory.capacity() - end >= intake.placeSize()) {
                var source = receive(memory.limit(end + intake.placeSize()).position(end));
                if (source == null) {
                    break;
                }
                intake.add(source, local.getAddress(), end, memory.position() - end, Hops.NONE);
                // Placed without gaps, so that a turn of small datagrams fits the processor's caches.
                end = memory.position();
            }
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.log(Level.WARNING, "Receiving on {0} fails, and is tried again: {1}", local, e);
            }
            failing = true;
        }
    }

    private InetSocketAddress receive(ByteBuffer place) throws IOException {
        if (former != null) {
            var source = (InetSocketAddress) former.receive(place);
            if (source != null) {
                return source;
            }
            former.close();
            former = null;
        }
        return (InetSocketAddress) channel.receive(place);
    }

    void close() throws IOException {
        if (former != null) {
            former.close();
        }
        channel.close();
    }

    Destination destination(InetSocketAddress address) {
        return new NioDestination(address);
    }

    /** Forget the last block that was sent from. */
    void flush() {
        viewedBlock = null;
        view = null;
    }

    private ByteBuffer viewOf(Block block) {
        if (viewedBlock != block) {
            viewedBlock = block;
            view = block.bytes().duplicate();
        }
        return view;
    }

    private final class NioDestination implements Destination {
        private final InetSocketAddress address;
        /** Whether the last datagram failed. */
        private boolean unreachable;

        NioDestination(InetSocketAddress address) {
            this.address = address;
        }

        @Override
        public InetSocketAddress address() {
            return address;
        }

        @Override
        public InetAddress from() {
            return bound();
        }

        @Override
        public void send(Batch batch, int hops) {
            var bytes = viewOf(batch.block());
            int sent = 0;
            long sentBytes = 0;
            for (int i = 0; i < batch.count(); i++) {
                if (send(bytes, batch.offset(i), batch.length(i))) {
                    sent++;
                    sentBytes += batch.length(i);
                }
            }
            tally.sent(sent, sentBytes);
        }

        private boolean send(ByteBuffer bytes, int start, int length) {
            // An error may have been pending from another member's datagram, so a send is tried twice, except to a
            // member that failed before: an exception costs as much as ten sends.
            boolean last = unreachable;
            while (true) {
                try {
                    bytes.clear().limit(start + length).position(start);
                    // For an empty datagram, the result 0 says nothing.
                    if (channel.send(bytes, address) > 0 || length == 0) {
                        unreachable = false;
                        return true;
                    }
                    if (!writeWait.await(channel)) {
                        tally.sendFailed(address, "the socket's send buffer is full");
                        return false;
                    }
                } catch (IOException | RuntimeException e) {
                    if (last) {
                        unreachable = true;
                        tally.sendFailed(address, reason(e));
                        return false;
                    }
                    last = true;
                }
            }
        }

        private static String reason(Exception e) {
            return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        }
    }
}
