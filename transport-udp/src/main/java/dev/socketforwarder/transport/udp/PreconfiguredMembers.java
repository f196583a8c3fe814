package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.HostPort;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The members of one endpoint that configuration names. */
final class PreconfiguredMembers {

    /** How well a socket suits an address; in this order. */
    private enum Fit {
        NONE,
        POSSIBLE,
        GOOD,
        BEST
    }

    private record Host(HostPort configured, List<InetSocketAddress> addresses) {}

    private final String key;
    private final List<Host> hosts;

    private PreconfiguredMembers(String key, List<Host> hosts) {
        this.key = key;
        this.hosts = hosts;
    }

    /**
     * Look up all names. Blocks.
     *
     * @throws IOException if one is not known; the message is for the user
     */
    static PreconfiguredMembers resolve(String endpoint, List<HostPort> configured) throws IOException {
        var key = "transports." + endpoint + ".preconfig-addresses";
        var hosts = new ArrayList<Host>();
        for (var each : configured) {
            var addresses = HostPort.resolve(key, each.host()).stream()
                    .map(address -> new InetSocketAddress(address, each.portNumber()))
                    .toList();
            hosts.add(new Host(each, addresses));
        }
        return new PreconfiguredMembers(key, hosts);
    }

    /**
     * Register them all; on the endpoint's thread.
     *
     * @throws IOException if one cannot be a member; the message is for the user
     */
    void register(Registrations registrations, Sockets sockets) throws IOException {
        for (var host : hosts) {
            boolean registered = false;
            for (var address : host.addresses()) {
                var socket = socketFor(address.getAddress(), sockets.localAddresses());
                if (socket.isPresent()) {
                    register(address, socket.getAsInt(), registrations, sockets);
                    registered = true;
                }
            }
            if (!registered) {
                throw new IOException(
                        key + ": " + host.configured().host() + " cannot be reached from any host-address of this"
                                + " endpoint: add one of its family, or write another address");
            }
        }
    }

    private void register(InetSocketAddress address, int socket, Registrations registrations, Sockets sockets)
            throws IOException {
        var from = sockets.localAddresses().get(socket).getAddress();
        var result = registrations.preconfigure(address, to -> sockets.destination(socket, from, to));
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
