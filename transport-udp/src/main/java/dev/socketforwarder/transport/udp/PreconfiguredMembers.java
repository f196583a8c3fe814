package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** The members of one endpoint that configuration names. Used on the endpoint's thread, once made. */
final class PreconfiguredMembers {
    private static final Logger LOG = System.getLogger(PreconfiguredMembers.class.getName());

    /** How well a socket suits an address; in this order. */
    private enum Fit {
        NONE,
        POSSIBLE,
        GOOD,
        BEST
    }

    private final String endpoint;
    private final PreconfiguredNames names;
    private final Registrations registrations;
    private final Sockets sockets;
    private Set<InetSocketAddress> now;

    /** Make the members of an endpoint, which are registered by {@link #register}. */
    PreconfiguredMembers(String endpoint, PreconfiguredNames names, Registrations registrations, Sockets sockets) {
        this.endpoint = endpoint;
        this.names = names;
        this.registrations = registrations;
        this.sockets = sockets;
        this.now = names.addresses().keySet();
    }

    /**
     * Register them all; on the endpoint's thread.
     *
     * @throws IOException if one cannot be a member; the message is for the user
     */
    void register() throws IOException {
        for (var host : names.hosts()) {
            boolean registered = false;
            for (var address : host.addresses()) {
                registered |= register(address);
            }
            if (!registered) {
                throw new IOException(names.key() + ": " + host.configured().host()
                        + " cannot be reached from any host-address of this endpoint: add one of its family, or write"
                        + " another address");
            }
        }
    }

    /**
     * Register multicast groups; on the endpoint's thread.
     *
     * @throws IOException if one cannot be a member; the message is for the user
     */
    void registerGroups(List<InetSocketAddress> groups) throws IOException {
        var bound = sockets.localAddresses().stream()
                .map(InetSocketAddress::getAddress)
                .toList();
        for (var group : groups) {
            var socket = Multicast.socketFor(group.getAddress(), bound, _ -> true)
                    .orElseThrow(() -> new IOException(groupsKey() + ": " + Registration.text(group)
                            + " cannot be reached from any host-address of this endpoint: add one of its family"));
            var result =
                    registrations.preconfigureGroup(group, to -> sockets.destination(socket, bound.get(socket), to));
            throwIfRefused(groupsKey(), group, result);
        }
    }

    private String groupsKey() {
        return "transports." + endpoint + ".multicast-members";
    }

    /** Follow hosts that have moved; on the endpoint's thread. */
    void move(PreconfiguredNames moved) {
        var all = moved.addresses();
        var gone = new LinkedHashSet<>(now);
        gone.removeAll(all.keySet());
        all.keySet().removeAll(now);
        // First, so that there is room.
        for (var address : gone) {
            registrations.withdraw(address);
            var text = Registration.text(address);
            LOG.log(Level.INFO, "Endpoint {0}: no name of a member stands for {1} any more", endpoint, text);
        }
        all.forEach(this::add);
        now = moved.addresses().keySet();
    }

    private void add(InetSocketAddress address, PreconfiguredNames.Host host) {
        var text = Registration.text(address);
        try {
            if (register(address)) {
                LOG.log(
                        Level.INFO,
                        "Endpoint {0}: {1} stands for {2} too",
                        endpoint,
                        host.configured().host(),
                        text);
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "Endpoint {0}: {1}", endpoint, e.getMessage());
        }
    }

    /** {@return whether a socket reaches this address} */
    private boolean register(InetSocketAddress address) throws IOException {
        var socket = socketFor(address.getAddress(), sockets.localAddresses());
        if (socket.isPresent()) {
            register(address, socket.getAsInt());
        }
        return socket.isPresent();
    }

    private void register(InetSocketAddress address, int socket) throws IOException {
        var from = sockets.localAddresses().get(socket).getAddress();
        var result = registrations.preconfigure(address, to -> sockets.destination(socket, from, to));
        throwIfRefused(names.key(), address, result);
    }

    private static void throwIfRefused(String key, InetSocketAddress address, Registrations.Result result)
            throws IOException {
        if (result instanceof Registrations.Refused(var reason, var detail)) {
            throw new IOException(key + ": " + Registration.text(address) + " cannot be a member: " + reason
                    + (detail.isEmpty() ? "" : ", it is " + detail) + "; take it out");
        }
    }

    /** {@return the socket to send from, or empty if none can reach {@code target}} */
    static OptionalInt socketFor(InetAddress target, List<InetSocketAddress> bound) {
        int best = -1;
        var bestFit = Fit.NONE;
        for (int i = 0; i < bound.size(); i++) {
            var fit = fit(target, bound.get(i).getAddress());
            if (fit.compareTo(bestFit) > 0) {
                best = i;
                bestFit = fit;
            }
        }
        return best < 0 ? OptionalInt.empty() : OptionalInt.of(best);
    }

    private static Fit fit(InetAddress target, InetAddress bound) {
        boolean sameFamily = target instanceof Inet4Address == bound instanceof Inet4Address;
        if (bound.isAnyLocalAddress()) {
            // The IPv6 wildcard serves IPv4 as well.
            return sameFamily || target instanceof Inet4Address ? Fit.BEST : Fit.NONE;
        }
        if (!sameFamily) {
            return Fit.NONE;
        }
        if (target.isLoopbackAddress() == bound.isLoopbackAddress()) {
            return Fit.GOOD;
        }
        return bound.isLoopbackAddress() ? Fit.NONE : Fit.POSSIBLE;
    }
}
