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

    private final String endpoint;
    private final UdpSettings settings;
    private final NioBinding binding;
    private final Tally tally;
    private final Selector selector;
    private final WriteWait writeWait = new WriteWait();
    private final List<NioSocket> sockets = new ArrayList<>();

    private final Multicast multicast;
    private final Intake intake;
    private volatile List<InetSocketAddress> localAddresses = List.of();

    private NioSockets(String endpoint, UdpSettings settings, NioBinding binding, Tally tally) throws IOException {
        this.endpoint = endpoint;
        this.settings = settings;
        this.binding = binding;
        this.tally = tally;
        selector = Selector.open();
        int room = Math.max(INTAKE_ROOM, Intake.placeSize(settings.maxDatagram()));
        intake = new Intake(settings.maxDatagram(), ByteBuffer.allocateDirect(room));
        multicast = new Multicast(endpoint, settings.multicast(), sockets);
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
        var channels = beside.isEmpty() ? binding.open() : BoundAddresses.bindBeside(beside, binding);
        try {
            var all = new NioSockets(endpoint, settings, binding, tally);
            for (var channel : channels) {
                all.add(channel);
            }
            return all;
        } catch (IOException e) {
            for (var channel : channels) {
                channel.close();
            }
            throw e;
        }
    }

    private void add(DatagramChannel channel) throws IOException {
        sockets.add(new NioSocket(channel, selector, this::bindAnother, writeWait, tally));
        localAddresses = sockets.stream().map(NioSocket::local).toList();
    }

    private DatagramChannel bindAnother(InetSocketAddress address) throws IOException {
        return binding.bindBeside(sockets.stream().map(NioSocket::channel).toList(), address);
    }

    @Override
    public List<InetSocketAddress> localAddresses() {
        return localAddresses;
    }

    @Override
    public boolean needsInterfaces() {
        return settings.multicast().needsInterfaces();
    }

    @Override
    public boolean follow(List<Link> now) {
        return multicast.follow(now);
    }

    @Override
    public boolean sendsToGroups() {
        return multicast.sends();
    }

    @Override
    public void await(int limitMs) throws IOException {
        boolean overdue = false;
        for (var socket : sockets) {
            socket.readable(false);
            overdue |= socket.isOverdue();
        }
        int waitMs = overdue && (limitMs < 0 || limitMs > RETRY_MS) ? RETRY_MS : limitMs;
        if (waitMs == 0) {
            selector.selectNow(NioSockets::markReadable);
        } else {
            // 0 is for ever here.
            selector.select(NioSockets::markReadable, Math.max(0, waitMs));
        }
        if (overdue) {
            sockets.stream().filter(NioSocket::isOverdue).forEach(socket -> socket.readable(true));
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
            for (var socket : sockets) {
                socket.close();
            }
            writeWait.close();
            // Only now are the descriptors of registered channels let go.
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing sockets failed", e);
        }
    }
}
