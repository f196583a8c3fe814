package dev.socketforwarder.transport.udp.preconfigured;

import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.transport.udp.io.Link;
import dev.socketforwarder.transport.udp.io.Multicast;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.settings.MulticastSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
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
    private volatile List<InetSocketAddress> groups; // likewise
    private boolean groupsRegistered;

    /** Make the members of an endpoint; {@link #register} registers them. */
    public PreconfiguredMembers(
            String endpoint, PreconfiguredNames names, List<InetSocketAddress> groups, List<Place> places) {
        this.endpoint = endpoint;
        this.names = names;
        this.groups = groups;
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
        if (place == places.getFirst()) {
            registerGroups();
        }
    }

    /**
     * Register the multicast groups once the interface for them exists, since no other interface may send to them.
     *
     * @throws IOException if a group cannot be a member; the message is for the user
     */
    private void registerGroups() throws IOException {
        var registrations = places.getFirst().registrations();
        var sockets = places.getFirst().sockets();
        if (groupsRegistered || !sockets.sendsToGroups()) {
            return;
        }
        groupsRegistered = true;
        var bound = boundHosts();
        for (var group : groups) {
            int socket = socketFor(group, bound)
                    .orElseThrow(() -> new IOException(groupsKey() + ": " + AddressText.of(group)
                            + " cannot be reached from any host-address of this endpoint: add one of its family"));
            var result =
                    registrations.preconfigureGroup(group, to -> sockets.destination(socket, bound.get(socket), to));
            throwIfRefused(groupsKey(), group, result);
        }
    }

    private List<InetAddress> boundHosts() {
        return places.getFirst().sockets().localAddresses().stream()
                .map(InetSocketAddress::getAddress)
                .toList();
    }

    private static OptionalInt socketFor(InetSocketAddress group, List<InetAddress> bound) {
        return Multicast.socketFor(group.getAddress(), bound, _ -> true);
    }

    private String groupsKey() {
        return "transports." + endpoint + ".multicast-members";
    }

    /**
     * {@return whether the endpoint could have these members, of at most {@code most} registrations} May be called by
     * any thread.
     */
    public boolean canBecome(PreconfiguredNames otherNames, MulticastSettings multicast, int most) {
        var otherGroups = multicast.members();
        var other = otherNames.knowing(names);
        var there = all(names, groups);
        var wanted = all(other, otherGroups);
        var fresh = new LinkedHashSet<>(wanted);
        fresh.removeAll(there);
        there.removeAll(wanted);
        var first = places.getFirst();
        var bound = boundHosts();
        return (fresh.isEmpty() || first.registrations().count() - there.size() + fresh.size() <= most)
                && fresh.stream()
                        .allMatch(address -> first.registrations()
                                .objectionToConfigured(address)
                                .isEmpty())
                && otherGroups.stream()
                        .allMatch(group -> socketFor(group, bound).isPresent())
                && other.hosts().stream()
                        .map(PreconfiguredNames.Host::addresses)
                        .allMatch(each -> each.stream().noneMatch(fresh::contains)
                                || each.stream()
                                        .anyMatch(address ->
                                                socketFor(address, first).isPresent()));
    }

    private static LinkedHashSet<InetSocketAddress> all(PreconfiguredNames names, List<InetSocketAddress> groups) {
        var all = new LinkedHashSet<InetSocketAddress>(names.addresses().keySet());
        all.addAll(groups);
        return all;
    }

    /**
     * Have other members from now on: those that are new join, those that are gone leave.
     *
     * @param interfaces the present network interfaces, for the groups
     */
    public void become(PreconfiguredNames otherNames, MulticastSettings multicast, List<Link> interfaces) {
        var first = places.getFirst();
        var gone = new ArrayList<>(groups);
        gone.removeAll(multicast.members());
        gone.forEach(first.registrations()::withdraw);
        groups = multicast.members();
        groupsRegistered = false;
        // The addresses that are known stay, since another look-up may have failed.
        become(otherNames.knowing(names));
        first.sockets().change(multicast);
        follow(interfaces);
    }

    /**
     * Adapt to these network interfaces.
     *
     * @return false if something failed that may work the next time, though nothing has changed
     */
    public boolean follow(List<Link> now) {
        boolean settled = places.getFirst().sockets().follow(now);
        try {
            registerGroups();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "Endpoint {0}: {1}", endpoint, e.getMessage());
        }
        return settled;
    }

    /** Take over the addresses that a look-up of {@code host} found. */
    public void found(String host, List<InetAddress> addresses) {
        become(names.with(host, addresses));
    }

    private void become(PreconfiguredNames next) {
        var now = names.addresses().keySet();
        names = next;
        var all = names.addresses();
        var gone = new LinkedHashSet<>(now);
        gone.removeAll(all.keySet());
        all.keySet().removeAll(now);
        // Removed first, to make room.
        for (var address : gone) {
            places.getFirst().registrations().withdraw(address);
            var text = AddressText.of(address);
            LOG.log(Level.INFO, "Endpoint {0}: {1} is not a preconfigured member any more", endpoint, text);
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
                    "Endpoint {0}: {1} is a preconfigured member now, by the name {2}"
                            + (reached ? "" : ", but cannot be reached from any host-address"),
                    endpoint,
                    text,
                    host.configured().host());
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
