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
 * The members of one endpoint that the configuration names, spread over the endpoint's threads (places). Used on the
 * first place's thread, unless stated otherwise.
 */
public final class PreconfiguredMembers {
    private static final Logger LOG = System.getLogger(PreconfiguredMembers.class.getName());

    /** How well a socket suits an address, in ascending order. */
    private enum Fit {
        NONE,
        POSSIBLE,
        GOOD,
        BEST
    }

    /** A thread of the endpoint, with its sockets and its view of the registrations. */
    public record Place(Registrations registrations, Sockets sockets, Owner owner) {}

    private final String endpoint;
    private final List<Place> places;
    private volatile PreconfiguredNames names; // set on the first place's thread only
    private boolean groupsRegistered;

    /** Make the members of an endpoint; {@link #register} registers them. */
    public PreconfiguredMembers(String endpoint, PreconfiguredNames names, List<Place> places) {
        this.endpoint = endpoint;
        this.names = names;
        this.places = List.copyOf(places);
    }

    /**
     * Register the members of this place. Called on the place's thread.
     *
     * @throws IOException if an address cannot be a member; the message is for the user
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
     * Register the multicast groups once the interface for them exists, since no other interface may send to them.
     *
     * @throws IOException if a group cannot be a member; the message is for the user
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

    /** Take over the addresses that a look-up of {@code host} found. */
    public void found(String host, List<InetAddress> addresses) {
        var now = names.addresses().keySet();
        names = names.with(host, addresses);
        var all = names.addresses();
        var gone = new LinkedHashSet<>(now);
        gone.removeAll(all.keySet());
        all.keySet().removeAll(now);
        // Removed first, to make room.
        for (var address : gone) {
            places.getFirst().registrations().withdraw(address);
            var text = AddressText.of(address);
            LOG.log(Level.INFO, "Endpoint {0}: no member's name resolves to {1} any more", endpoint, text);
        }
        all.forEach((address, of) -> {
            var place = placeOf(address);
            place.owner().execute(() -> add(address, of, place));
        });
    }

    private Place placeOf(InetSocketAddress address) {
        return placeOf(address, places);
    }

    /** {@return the place for a member that came to no socket, but is spread by its address} */
    public static Place placeOf(InetSocketAddress address, List<Place> places) {
        return places.get(Math.floorMod(address.hashCode(), places.size()));
    }

    private void add(InetSocketAddress address, PreconfiguredNames.Host host, Place place) {
        var text = AddressText.of(address);
        try {
            boolean reached = register(address, place);
            LOG.log(
                    reached ? Level.INFO : Level.WARNING,
                    "Endpoint {0}: {1} now resolves to {2} too"
                            + (reached ? "" : ", which cannot be reached from any host-address"),
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
                    + (detail.isEmpty() ? "" : ", it is " + detail) + "; remove it");
        }
    }

    /** {@return the socket to send from; empty if none reaches {@code target}} */
    public static OptionalInt socketFor(InetAddress target, List<InetSocketAddress> bound) {
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
            // The IPv6 wildcard also serves IPv4.
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
