package dev.socketforwarder.transport.udp.preconfigured;

import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.transport.udp.io.Multicast;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.members.Registrations;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * The members of one endpoint that configuration names, spread over its threads, the places. Used on that of the first place,
 * once made, where nothing else is said.
 */
public final class PreconfiguredMembers {
    private static final Logger LOG = System.getLogger(PreconfiguredMembers.class.getName());

    /** How well a socket suits an address; in this order. */
    private enum Fit {
        NONE,
        POSSIBLE,
        GOOD,
        BEST
    }

    /** A thread of the endpoint, with its sockets and its view of who is registered. */
    public record Place(Registrations registrations, Sockets sockets, Owner owner) {}

    private final String endpoint;
    private final List<Place> places;
    private volatile PreconfiguredNames names; // set on the first place's thread alone
    private boolean groupsRegistered;

    /** Make the members of an endpoint, which are registered by {@link #register}. */
    public PreconfiguredMembers(String endpoint, PreconfiguredNames names, List<Place> places) {
        this.endpoint = endpoint;
        this.names = names;
        this.places = List.copyOf(places);
    }

    /**
     * Register those that belong to this place; on its thread.
     *
     * @throws IOException if one cannot be a member; the message is for the user
     */
    public void register(Place place) throws IOException {
        for (var host : names.hosts()) {
            boolean reached = false;
            for (var address : host.addresses()) {
                reached |= socketFor(address, place).isPresent();
                if (placeOf(address) == place) {
                    register(address, place);
                }
            }
            if (!reached && !host.addresses().isEmpty()) {
                throw new IOException(names.key() + ": " + host.configured().host()
                        + " cannot be reached from any host-address of this endpoint: add one of its family, or write"
                        + " another address");
            }
        }
    }

    /**
     * Register multicast groups, once the interface is there that they are sent through: they are sent nothing by another.
     *
     * @throws IOException if one cannot be a member; the message is for the user
     */
    public void registerGroups(List<InetSocketAddress> groups) throws IOException {
        var registrations = places.getFirst().registrations();
        var sockets = places.getFirst().sockets();
        if (groupsRegistered || !sockets.sendsToGroups()) {
            return;
        }
        groupsRegistered = true;
        var bound = sockets.localAddresses().stream()
                .map(InetSocketAddress::getAddress)
                .toList();
        for (var group : groups) {
            var socket = Multicast.socketFor(group.getAddress(), bound, _ -> true)
                    .orElseThrow(() -> new IOException(groupsKey() + ": " + AddressText.of(group)
                            + " cannot be reached from any host-address of this endpoint: add one of its family"));
            var result =
                    registrations.preconfigureGroup(group, to -> sockets.destination(socket, bound.get(socket), to));
            throwIfRefused(groupsKey(), group, result);
        }
    }

    private String groupsKey() {
        return "transports." + endpoint + ".multicast-members";
    }

    /** A name stands for these addresses. */
    public void found(String host, List<InetAddress> addresses) {
        var now = names.addresses().keySet();
        names = names.with(host, addresses);
        var all = names.addresses();
        var gone = new LinkedHashSet<>(now);
        gone.removeAll(all.keySet());
        all.keySet().removeAll(now);
        // First, so that there is room.
        for (var address : gone) {
            places.getFirst().registrations().withdraw(address);
            var text = AddressText.of(address);
            LOG.log(Level.INFO, "Endpoint {0}: no name of a member stands for {1} any more", endpoint, text);
        }
        all.forEach((address, of) -> {
            var place = placeOf(address);
            place.owner().execute(() -> add(address, of, place));
        });
    }

    private Place placeOf(InetSocketAddress address) {
        return places.get(Math.floorMod(address.hashCode(), places.size()));
    }

    private void add(InetSocketAddress address, PreconfiguredNames.Host host, Place place) {
        var text = AddressText.of(address);
        try {
            boolean reached = register(address, place);
            LOG.log(
                    reached ? Level.INFO : Level.WARNING,
                    "Endpoint {0}: {1} stands for {2} too" + (reached ? "" : ", which no host-address of it reaches"),
                    endpoint,
                    host.configured().host(),
                    text);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "Endpoint {0}: {1}", endpoint, e.getMessage());
        }
    }

    /** {@return whether a socket reaches this address} */
    private boolean register(InetSocketAddress address, Place place) throws IOException {
        var socket = socketFor(address, place);
        if (socket.isPresent()) {
            register(address, place, socket.getAsInt());
        }
        return socket.isPresent();
    }

    private static OptionalInt socketFor(InetSocketAddress address, Place place) {
        return socketFor(address.getAddress(), place.sockets().localAddresses());
    }

    private void register(InetSocketAddress address, Place place, int socket) throws IOException {
        var sockets = place.sockets();
        var from = sockets.localAddresses().get(socket).getAddress();
        var result = place.registrations().preconfigure(address, to -> sockets.destination(socket, from, to));
        throwIfRefused(names.key(), address, result);
    }

    private static void throwIfRefused(String key, InetSocketAddress address, Registrations.Result result)
            throws IOException {
        if (result instanceof Registrations.Refused(var reason, var detail)) {
            throw new IOException(key + ": " + AddressText.of(address) + " cannot be a member: " + reason
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
