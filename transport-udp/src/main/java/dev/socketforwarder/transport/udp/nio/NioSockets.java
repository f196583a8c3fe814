package dev.socketforwarder.transport.udp.nio;

import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.transport.udp.io.BoundAddresses;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Link;
import dev.socketforwarder.transport.udp.io.Multicast;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The sockets of one endpoint's thread through {@link DatagramChannel}s and one selector; works on every platform. */
public final class NioSockets implements Sockets {
    private static final Logger LOG = System.getLogger(NioSockets.class.getName());
    private static final int RETRY_MS = 100;
    /** On a machine with more addresses, of containers for example, only the wildcard is bound, to save descriptors. */
    static final int MOST_SOCKETS = 64;

    /**
     * A new IPv6 address cannot be bound until the kernel has checked that it is unique, which takes a second or two.
     */
    private static final int MOST_ATTEMPTS = 5;

    private static final LocalPeers LOCAL_PEERS = new LocalPeers(Path.of("/proc/net"));
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
    private Set<InetAddress> own = Set.of(); // the machine's addresses when last listed
    private int attemptsLeft; // to bind each of them

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
     * @param beside the channels of the endpoint that are already bound; empty if there are none
     * @throws IOException if an address cannot be bound; the message is for the user
     */
    public static NioSockets bind(
            TransportContext context,
            UdpSettings settings,
            Supplier<Set<InetAddress>> ownAddresses,
            Tally tally,
            List<InetSocketAddress> beside)
            throws IOException {
        var binding = new NioBinding(context, settings, ownAddresses);
        var channels = beside.isEmpty() ? binding.open() : BoundAddresses.bindBeside(beside, binding);
        try {
            var all = new NioSockets(context.name(), settings, binding, tally);
            for (var channel : channels) {
                all.add(all.sockets.size(), channel);
            }
            return all;
        } catch (IOException e) {
            for (var channel : channels) {
                channel.close();
            }
            throw e;
        }
    }

    private void add(int place, DatagramChannel channel) throws IOException {
        var added = new NioSocket(channel, selector, this::bindAnother, writeWait, tally);
        if (place == sockets.size()) {
            sockets.add(added);
        } else {
            sockets.set(place, added).close();
        }
        localAddresses = sockets.stream().map(NioSocket::local).toList();
    }

    /** {@return the socket bound to the machine's {@code address} beside the wildcard; -1 if there is none} */
    private int socketAt(InetAddress address) {
        var wildcard = wildcardFor(address);
        var known = sockets.stream()
                .filter(socket -> socket.bound().equals(address))
                .findFirst();
        if (known.isPresent() || wildcard.isEmpty()) {
            return known.map(sockets::indexOf).orElse(-1);
        }
        int place = placeFor(address);
        if (place < 0) {
            return -1;
        }
        try {
            add(
                    place,
                    bindAnother(new InetSocketAddress(
                            address, wildcard.get().local().getPort())));
            LOG.log(Level.DEBUG, "Endpoint {0} answers from {1} too", endpoint, address.getHostAddress());
            return place;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "Endpoint " + endpoint + " does not bind " + address + ": " + e);
            return -1;
        }
    }

    /**
     * {@return the place for the socket of {@code address}: a new one at the end, or that of an address that is gone;
     * -1 if there is none}
     */
    private int placeFor(InetAddress address) {
        // Counted separately, so that programs of this machine take no places from the network's addresses.
        boolean loopback = address.isLoopbackAddress();
        long like = sockets.stream()
                .filter(socket -> socket.bound().isLoopbackAddress() == loopback)
                .count();
        if (like < MOST_SOCKETS) {
            return sockets.size();
        }
        for (int i = 0; !loopback && i < sockets.size(); i++) {
            var bound = sockets.get(i).bound();
            if (!bound.isAnyLocalAddress() && !bound.isLoopbackAddress() && !own.contains(bound)) {
                return i;
            }
        }
        return -1;
    }

    private Optional<NioSocket> wildcardFor(InetAddress address) {
        return sockets.stream()
                .filter(socket -> socket.bound().isAnyLocalAddress()
                        && (socket.bound() instanceof Inet6Address || address instanceof Inet4Address))
                .findFirst();
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
        return settings.multicast().needsInterfaces()
                || sockets.stream().anyMatch(socket -> socket.bound().isAnyLocalAddress());
    }

    @Override
    public boolean follow(List<Link> now) {
        var fresh = now.stream().flatMap(link -> link.addresses().stream()).collect(Collectors.toSet());
        if (!fresh.equals(own)) {
            own = fresh;
            attemptsLeft = MOST_ATTEMPTS;
        }
        boolean bound = true;
        for (var address : own) {
            bound &= socketAt(address) >= 0 || wildcardFor(address).isEmpty();
        }
        boolean settled = bound || --attemptsLeft <= 0;
        return multicast.follow(now) && settled;
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
            // 0 means no limit here.
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
            // A socket that keeps failing at once must not make the loop spin.
            from.listen(failed);
        }
    }

    @Override
    public Destination destination(int socket, InetAddress from, InetSocketAddress address) {
        return sockets.get(senderTo(address, socket)).destination(address);
    }

    /** A channel sends from its own address; NioBinding explains the channels beside a wildcard. */
    private int senderTo(InetSocketAddress peer, int receiver) {
        var at = sockets.get(receiver).local();
        if (!at.getAddress().isAnyLocalAddress() || !peer.getAddress().isLoopbackAddress()) {
            return receiver;
        }
        int contacted =
                LOCAL_PEERS.contacted(peer, at.getPort()).map(this::socketAt).orElse(-1);
        return contacted < 0 ? receiver : contacted;
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
            // The descriptors of registered channels are released only now.
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Could not close sockets", e);
        }
    }
}
