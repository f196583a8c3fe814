package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Makes sockets, of any kind {@code S}, members of multicast groups, and ready to send to such. */
final class Multicast<S> {
    private static final Logger LOG = System.getLogger(Multicast.class.getName());

    /** What sockets of one kind can do. */
    interface Kind<S> {
        /** Receive what is sent to {@code group} and comes in through this interface. */
        void join(S socket, InetAddress group, NetworkInterface through) throws IOException;

        /** Let what is sent to groups go through this interface, or the one that the route says, and so far. */
        void sendToGroups(S socket, Optional<NetworkInterface> through, int ttl) throws IOException;
    }

    private final String place;
    private final MulticastSettings settings;
    private final Kind<S> kind;

    Multicast(String endpoint, MulticastSettings settings, Kind<S> kind) {
        this.place = "transports." + endpoint + ".";
        this.settings = settings;
        this.kind = kind;
    }

    /**
     * Apply the settings to the sockets that are bound to {@code addresses}, in that order.
     *
     * @throws IOException if that cannot be; the message is for the user
     */
    void apply(List<S> sockets, List<InetAddress> addresses) throws IOException {
        for (var group : settings.groups()) {
            var socket = socketFor(group, addresses, InetAddress::isAnyLocalAddress);
            if (socket.isEmpty()) {
                // The kernel gives what is sent to a group to no socket that is bound to another address.
                throw new IOException(place + "multicast: " + group.getHostAddress() + " cannot be received; add "
                        + (group instanceof Inet4Address ? "0.0.0.0" : "\"::\"") + " to host-address");
            }
            join(sockets.get(socket.getAsInt()), group);
        }
        applyToSend(sockets);
    }

    /**
     * Apply what is for sending alone.
     *
     * @throws IOException if that cannot be; the message is for the user
     */
    void applyToSend(List<S> sockets) throws IOException {
        if (!settings.members().isEmpty()) {
            var through = named();
            for (var socket : sockets) {
                kind.sendToGroups(socket, through, settings.ttl());
            }
        }
    }

    /** {@return the first socket of this group's family at an address that fits} */
    static OptionalInt socketFor(InetAddress group, List<InetAddress> addresses, Predicate<InetAddress> fits) {
        return IntStream.range(0, addresses.size())
                .filter(i -> addresses.get(i) instanceof Inet4Address == group instanceof Inet4Address
                        && fits.test(addresses.get(i)))
                .findFirst();
    }

    private void join(S socket, InetAddress group) throws IOException {
        var through = named();
        if (through.isPresent()) {
            join(socket, group, through.get());
            return;
        }
        boolean joined = false;
        for (var each : NetworkInterface.networkInterfaces().toList()) {
            if (canJoin(each, group)) {
                try {
                    join(socket, group, each);
                    joined = true;
                } catch (IOException e) {
                    LOG.log(Level.DEBUG, "Not every interface can join every group", e);
                }
            }
        }
        if (!joined) {
            throw new IOException(place + "multicast: no network interface here joins " + group.getHostAddress()
                    + "; name one by " + place + "interface");
        }
    }

    private void join(S socket, InetAddress group, NetworkInterface through) throws IOException {
        try {
            kind.join(socket, group, through);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    place + "multicast: " + through.getName() + " cannot join " + group.getHostAddress() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private static boolean canJoin(NetworkInterface each, InetAddress group) throws SocketException {
        return each.isUp()
                && !each.isLoopback()
                && each.supportsMulticast()
                && each.inetAddresses().anyMatch(own -> own instanceof Inet4Address == group instanceof Inet4Address);
    }

    private Optional<NetworkInterface> named() throws IOException {
        if (settings.through().isEmpty()) {
            return Optional.empty();
        }
        var named = NetworkInterface.getByName(settings.through());
        if (named == null) {
            throw new IOException(place + "interface: there is no network interface '" + settings.through() + "' here");
        }
        return Optional.of(named);
    }
}
