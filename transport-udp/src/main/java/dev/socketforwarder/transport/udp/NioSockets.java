package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The sockets of one endpoint by plain {@link DatagramChannel}s and one selector: works on every platform. */
final class NioSockets implements Sockets {
    private static final Logger LOG = System.getLogger(NioSockets.class.getName());
    private static final int RETRY_MS = 100;
    private static final int INTAKE_ROOM = 256 << 10;

    private final Selector selector;
    private final WriteWait writeWait = new WriteWait();
    private final List<NioSocket> sockets = new ArrayList<>();

    private final Intake intake;

    private NioSockets(int maxDatagram) throws IOException {
        selector = Selector.open();
        int room = Math.max(INTAKE_ROOM, Intake.placeSize(maxDatagram));
        intake = new Intake(maxDatagram, ByteBuffer.allocateDirect(room));
    }

    /**
     * Bind all addresses of an endpoint, or none.
     *
     * @param beside where other channels of the endpoint are bound already; empty: nowhere yet
     * @throws IOException if one cannot be bound; the message is for the user
     */
    static NioSockets bind(
            String endpoint,
            UdpSettings settings,
            Supplier<Set<InetAddress>> ownAddresses,
            Tally tally,
            List<InetSocketAddress> beside)
            throws IOException {
        var binding = new NioBinding(endpoint, settings, ownAddresses);
        var channels =
                beside.isEmpty() ? binding.open() : BoundAddresses.bindBeside(beside, endpoint, settings, binding);
        try {
            var all = new NioSockets(settings.maxDatagram());
            for (var channel : channels) {
                all.add(channel, tally);
            }
            return all;
        } catch (IOException e) {
            for (var channel : channels) {
                channel.close();
            }
            throw e;
        }
    }

    private void add(DatagramChannel channel, Tally tally) throws IOException {
        channel.configureBlocking(false);
        var key = channel.register(selector, SelectionKey.OP_READ);
        var socket = new NioSocket(channel, key, writeWait, tally);
        key.attach(socket);
        sockets.add(socket);
    }

    @Override
    public List<InetSocketAddress> localAddresses() {
        return sockets.stream().map(NioSocket::local).toList();
    }

    @Override
    public void await(int limitMs) throws IOException {
        boolean failing = false;
        for (var socket : sockets) {
            socket.readable(false);
            failing |= socket.isFailing();
        }
        int waitMs = failing && (limitMs < 0 || limitMs > RETRY_MS) ? RETRY_MS : limitMs;
        if (waitMs == 0) {
            selector.selectNow(NioSockets::markReadable);
        } else {
            // 0 is for ever here.
            selector.select(NioSockets::markReadable, Math.max(0, waitMs));
        }
        if (failing) {
            sockets.stream().filter(NioSocket::isFailing).forEach(socket -> socket.readable(true));
        }
        writeWait.newTurn();
    }

    private static void markReadable(SelectionKey key) {
        ((NioSocket) key.attachment()).readable(true);
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public boolean isReadable(int socket) {
        return sockets.get(socket).isReadable();
    }

    @Override
    public boolean seesHops() {
        return false;
    }

    @Override
    public Intake intake() {
        return intake;
    }

    @Override
    public void receive(int socket) {
        var from = sockets.get(socket);
        boolean failed = from.isFailing();
        from.receive(intake);
        if (failed != from.isFailing()) {
            // A socket that fails at once, again and again, must not spin.
            from.listen(failed);
        }
    }

    @Override
    public Destination destination(int socket, InetAddress from, InetSocketAddress address) {
        // A channel sends from its own address: see NioBinding for those of a wildcard.
        return sockets.get(socket).destination(address);
    }

    @Override
    public void flush() {
        for (var socket : sockets) {
            socket.flush();
        }
    }

    @Override
    public void stopReceiving() {
        for (var socket : sockets) {
            socket.listen(false);
            socket.readable(false);
        }
    }

    @Override
    public void close() {
        try {
            for (var key : selector.keys()) {
                key.channel().close();
            }
            writeWait.close();
            // Only now are the descriptors of registered channels let go.
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing sockets failed", e);
        }
    }
}
