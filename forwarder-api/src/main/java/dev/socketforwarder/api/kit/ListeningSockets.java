package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.TransportContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The TCP sockets on which the streams of an endpoint accept connections. The sockets of the service manager are used in place of
 * those that the settings ask for. The endpoint may listen elsewhere later, while its connections stay.
 *
 * <p>The methods are called as those of an {@link dev.socketforwarder.api.Endpoint} are: one after another. Only {@link #addresses}
 * may be called by any thread. The streams close the sockets when they are quiesced or
 * stopped.
 */
public final class ListeningSockets {
    private static final Logger LOG = System.getLogger(ListeningSockets.class.getName());

    /** How long a socket that was told to close may take to free its address. */
    private static final Duration LONGEST_RELEASE = Duration.ofSeconds(2);

    private static final Duration PAUSE = Duration.ofMillis(5);

    private final TransportContext context;
    private final Streams streams;
    private ListeningSettings settings = ListeningSettings.NOWHERE;
    private List<ServerSocketChannel> bound = List.of(); // without the sockets of the service manager
    private List<InheritedSocket> inherited = List.of(); // the sockets of the service manager
    private volatile List<SocketAddress> addresses = List.of();

    /**
     * Make an object that listens nowhere.
     *
     * @param context the endpoint's context
     * @param streams what is to accept the connections
     */
    public ListeningSockets(TransportContext context, Streams streams) {
        this.context = context;
        this.streams = streams;
    }

    /**
     * Listen for the first time, at all addresses or none. May block, for names must be looked up.
     *
     * @param wanted where
     * @throws IOException if a host has no address, or an address cannot be bound; the message is one line and says what to do
     */
    public void start(ListeningSettings wanted) throws IOException {
        var missing = new ArrayList<>(wanted.addresses());
        var given = context.inheritedSockets(Protocol.TCP, missing);
        missing.removeIf(address -> given.stream().anyMatch(socket -> socket.replaces(address)));
        var fresh = binding(wanted).bind(missing);
        var local = new ArrayList<SocketAddress>(byAddress(fresh).keySet());
        try {
            for (var channel : fresh) {
                streams.listen(channel);
            }
            for (var socket : given) {
                streams.adopt(socket);
                local.add(socket.address());
            }
        } catch (IOException e) {
            for (var channel : fresh) {
                channel.close(); // also those that listen already, since nobody stops an endpoint that did not start
            }
            throw e;
        }
        settings = wanted;
        bound = fresh;
        inherited = given;
        addresses = List.copyOf(local);
    }

    /**
     * Listen elsewhere: bind the new addresses, then close those that are not wanted any more, unless the kernel demands the other
     * order. Connections stay. May block, for names must be looked up where hosts or the port have changed.
     *
     * @param wanted where from now on
     * @return false if sockets are the service manager's and do not serve the wanted addresses too; then nothing has changed, and
     *     the endpoint has to start again
     * @throws IOException if a host has no address, or an address cannot be bound; then nothing has changed
     */
    public boolean move(ListeningSettings wanted) throws IOException {
        if (wanted.isAt(settings)) {
            return true;
        }
        if (!inherited.isEmpty()) {
            return isInherited(wanted);
        }
        var before = settings;
        settings = wanted;
        try {
            // Port 0 stands for the port that the kernel chose at the start.
            int port = wanted.port() == before.port() ? port() : wanted.port();
            move(wanted.addresses().stream()
                    .map(address -> new InetSocketAddress(address.getAddress(), port))
                    .toList());
            return true;
        } catch (IOException e) {
            settings = before;
            throw e;
        }
    }

    /** {@return whether the sockets of the service manager serve all wanted addresses too, so that there is nothing to change} */
    private boolean isInherited(ListeningSettings wanted) throws IOException {
        var wantedAddresses = wanted.addresses();
        var given = context.inheritedSockets(Protocol.TCP, wantedAddresses);
        boolean isSame = bound.isEmpty()
                && addressesOf(given).equals(addressesOf(inherited))
                && wantedAddresses.stream()
                        .allMatch(address -> given.stream().anyMatch(socket -> socket.replaces(address)));
        if (isSame) {
            settings = wanted;
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0} still listens on the sockets of the service manager, whatever host-address and port say: {1};"
                            + " to listen elsewhere, change the socket unit (ListenStream=)",
                    context.name(),
                    addresses.stream().map(AddressText::of).collect(Collectors.joining(", ")));
        }
        return isSame;
    }

    private static Set<InetSocketAddress> addressesOf(List<InheritedSocket> sockets) {
        return sockets.stream().map(InheritedSocket::address).collect(Collectors.toSet());
    }

    private void move(List<InetSocketAddress> wanted) throws IOException {
        var before = byAddress(bound);
        var missing =
                wanted.stream().filter(address -> !before.containsKey(address)).toList();
        var unwanted = new ArrayList<InetSocketAddress>();
        var all = new ArrayList<ServerSocketChannel>();
        before.forEach((address, channel) -> {
            if (wanted.contains(address)) {
                all.add(channel);
            } else {
                unwanted.add(address);
            }
        });
        boolean areInTheWay = missing.stream().anyMatch(one -> unwanted.stream().anyMatch(other -> isBoth(one, other)));
        if (areInTheWay) {
            unwanted.forEach(address -> streams.unlisten(before.get(address)));
            all.addAll(listenInstead(missing, unwanted, all));
        } else {
            all.addAll(listen(missing));
            unwanted.forEach(address -> streams.unlisten(before.get(address)));
        }
        use(all);
    }

    /** {@return whether the two cannot be bound at the same time} */
    private static boolean isBoth(InetSocketAddress one, InetSocketAddress other) {
        return one.getPort() == other.getPort()
                && (one.getAddress().isAnyLocalAddress() || other.getAddress().isAnyLocalAddress());
    }

    /** Listen at addresses that become free soon, or else at {@code old} again. */
    private List<ServerSocketChannel> listenInstead(
            List<InetSocketAddress> fresh, List<InetSocketAddress> old, List<ServerSocketChannel> kept)
            throws IOException {
        try {
            return listenPatiently(fresh);
        } catch (IOException e) {
            var all = new ArrayList<>(kept);
            try {
                all.addAll(listenPatiently(old));
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            use(all);
            throw e;
        }
    }

    private List<ServerSocketChannel> listenPatiently(List<InetSocketAddress> wanted) throws IOException {
        long endNs = System.nanoTime() + LONGEST_RELEASE.toNanos();
        while (true) {
            try {
                return listen(wanted);
            } catch (IOException e) {
                if (System.nanoTime() - endNs > 0) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /** Listen at all these addresses or none. */
    private List<ServerSocketChannel> listen(List<InetSocketAddress> wanted) throws IOException {
        var channels = binding(settings).bind(wanted);
        int begun = 0;
        try {
            for (var channel : channels) {
                streams.listen(channel);
                begun++;
            }
            return channels;
        } catch (IOException e) {
            channels.subList(0, begun).forEach(streams::unlisten);
            for (var channel : channels.subList(begun, channels.size())) {
                channel.close();
            }
            throw e;
        }
    }

    private SocketBinding binding(ListeningSettings chosen) {
        return new SocketBinding(context.name(), chosen.backlog(), chosen.reusePort());
    }

    private void use(List<ServerSocketChannel> channels) throws IOException {
        bound = List.copyOf(channels);
        addresses = List.copyOf(byAddress(channels).keySet());
    }

    private int port() throws IOException {
        return bound.isEmpty() ? 0 : ((InetSocketAddress) bound.getFirst().getLocalAddress()).getPort();
    }

    private static Map<InetSocketAddress, ServerSocketChannel> byAddress(List<ServerSocketChannel> channels)
            throws IOException {
        var all = new LinkedHashMap<InetSocketAddress, ServerSocketChannel>();
        for (var channel : channels) {
            all.put((InetSocketAddress) channel.getLocalAddress(), channel);
        }
        return all;
    }

    /**
     * {@return the addresses of all sockets, for {@link dev.socketforwarder.api.Endpoint#localAddresses}}
     */
    public List<SocketAddress> addresses() {
        return addresses;
    }

    /**
     * Stop the streams, which closes the sockets.
     *
     * @param limit the longest time for flushing
     * @return how much was discarded
     */
    public Unsent stop(Duration limit) {
        addresses = List.of();
        return streams.stop(limit);
    }
}
