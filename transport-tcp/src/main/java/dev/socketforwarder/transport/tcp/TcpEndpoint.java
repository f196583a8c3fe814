package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Dialling;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.ListeningSockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** One TCP endpoint: the addresses that it listens on, and the servers that it connects to. */
final class TcpEndpoint implements Endpoint {
    private static final Logger LOG = System.getLogger(TcpEndpoint.class.getName());

    /** How long a listener that was told to close may take to free its address. */
    private static final Duration LONGEST_RELEASE = Duration.ofSeconds(2);

    private static final Duration PAUSE = Duration.ofMillis(5);

    private final TransportContext context;
    private final Streams streams;
    private final Map<Target, Dialling> diallings = new HashMap<>();
    private TcpSettings settings;
    private List<ServerSocketChannel> listening = List.of(); // the channels that this endpoint has bound
    private boolean isActivated; // the service manager has bound the sockets
    private volatile List<SocketAddress> addresses = List.of();

    TcpEndpoint(TransportContext context, TcpSettings settings) {
        this.context = context;
        this.settings = settings;
        this.streams = context.streams(List.of("address", "prefix"));
    }

    @Override
    public void start() throws IOException {
        var wanted = new ArrayList<>(wanted(settings));
        var inherited = context.inheritedSockets(Protocol.TCP, wanted);
        wanted.removeIf(address -> inherited.stream().anyMatch(socket -> socket.replaces(address)));
        var bound = sockets().bind(wanted);
        var local = new ArrayList<SocketAddress>();
        try {
            for (var channel : bound) {
                local.add(channel.getLocalAddress());
            }
            for (var channel : bound) {
                streams.listen(channel);
            }
            for (var socket : inherited) {
                streams.adopt(socket);
                local.add(socket.address());
            }
        } catch (IOException e) {
            for (var channel : bound) {
                channel.close(); // closes those that listen already too, since an endpoint that did not start is not
                // stopped
            }
            throw e;
        }
        addresses = List.copyOf(local);
        listening = List.copyOf(bound);
        isActivated = !inherited.isEmpty();
        settings.connect().forEach(target -> diallings.put(target, streams.dial(target)));
    }

    /**
     * Bind the new addresses, then close those that are not wanted any more, unless the kernel demands the other order. Hang up on
     * servers that are not wanted any more, then dial the new ones.
     */
    @Override
    public boolean adopt(Endpoint fresh) {
        var changed = ((TcpEndpoint) fresh).settings;
        boolean isElsewhere =
                changed.port() != settings.port() || !changed.hosts().equals(settings.hosts());
        if (isElsewhere && isActivated) {
            return false;
        }
        if (isElsewhere) {
            try {
                move(changed);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        settings = changed;
        var wanted = changed.connect();
        diallings.keySet().stream()
                .filter(target -> !wanted.contains(target))
                .toList()
                .forEach(target -> diallings.remove(target).hangUp());
        wanted.forEach(target -> diallings.computeIfAbsent(target, streams::dial));
        return true;
    }

    /** Listen at the changed addresses. If one cannot be bound, nothing has changed. */
    private void move(TcpSettings changed) throws IOException {
        var before = byAddress(listening);
        // Port 0 stands for the port that the kernel chose at the start.
        int port = changed.port() == settings.port() ? portOf(listening) : changed.port();
        var wanted = wanted(changed).stream()
                .map(address -> new InetSocketAddress(address.getAddress(), port))
                .toList();
        var missing =
                wanted.stream().filter(address -> !before.containsKey(address)).toList();
        var unwanted = new ArrayList<InetSocketAddress>();
        var all = new ArrayList<ServerSocketChannel>();
        before.forEach((address, channel) -> {
            if (wanted.contains(address)) {
                all.add(channel);
            } else {
                unwanted.add((InetSocketAddress) address);
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
        adoptListening(all);
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
            adoptListening(all);
            throw e;
        }
    }

    private void adoptListening(List<ServerSocketChannel> all) throws IOException {
        addresses = List.copyOf(byAddress(all).keySet());
        listening = List.copyOf(all);
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
        var bound = sockets().bind(wanted);
        int begun = 0;
        try {
            for (var channel : bound) {
                streams.listen(channel);
                begun++;
            }
            return bound;
        } catch (IOException e) {
            bound.subList(0, begun).forEach(streams::unlisten);
            for (var channel : bound.subList(begun, bound.size())) {
                channel.close();
            }
            throw e;
        }
    }

    private static Map<SocketAddress, ServerSocketChannel> byAddress(List<ServerSocketChannel> channels)
            throws IOException {
        var all = new LinkedHashMap<SocketAddress, ServerSocketChannel>();
        for (var channel : channels) {
            all.put(channel.getLocalAddress(), channel);
        }
        return all;
    }

    private static int portOf(List<ServerSocketChannel> channels) throws IOException {
        return channels.isEmpty() ? 0 : ((InetSocketAddress) channels.getFirst().getLocalAddress()).getPort();
    }

    private static List<InetSocketAddress> wanted(TcpSettings settings) throws IOException {
        return settings.listens() ? ListeningSockets.addresses(settings.hosts(), settings.port()) : List.of();
    }

    private ListeningSockets sockets() {
        return new ListeningSockets(context.name(), settings.backlog(), settings.reusePort());
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return addresses;
    }

    @Override
    public void quiesce(Duration limit) {
        streams.quiesce(limit);
    }

    @Override
    public Unsent stop(Duration limit) {
        addresses = List.of();
        return streams.stop(limit);
    }
}
