package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tells of servers to connect to which are endpoints of this forwarder: what it sends there comes back. Names are not
 * looked up; what they stand for is seen, and refused, when they are connected to.
 *
 * @param endpoints the names of those that can run and have connections
 */
record OwnPorts(Configuration configuration, List<String> endpoints) {
    private static final Pattern SERVER = Pattern.compile("connect\\.[0-9]+\\.to");
    private static final String LOCALHOST = "localhost";

    /** Check each server that is dialled. */
    void look() {
        for (var value : configuration.inForce()) {
            for (var name : endpoints) {
                var prefix = Keys.ofEndpoint(name, "");
                if (value.key().startsWith(prefix)
                        && SERVER.matcher(value.key().substring(prefix.length()))
                                .matches()) {
                    look(value);
                }
            }
        }
    }

    private void look(InForce server) {
        var to = parsed(server.values());
        to.flatMap(this::listener).ifPresent(own -> {
            int end = server.key().lastIndexOf('.') + 1;
            new SettingsView(configuration, server.key().substring(0, end))
                    .warn(
                            server.key().substring(end),
                            server.values().getFirst(),
                            "where this forwarder's own endpoint " + own
                                    + " listens: a forwarder never connects to itself");
        });
    }

    private static Optional<HostPort> parsed(List<String> values) {
        try {
            return values.stream().findFirst().map(HostPort::parse);
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // a plugin may write its servers another way
        }
    }

    /** {@return the endpoint that listens at this address} */
    private Optional<String> listener(HostPort to) {
        return endpoints.stream()
                .filter(name -> setting(name, "port").contains(to.port()))
                .filter(name -> setting(name, "host-address").stream().anyMatch(own -> isSame(own, to.host())))
                .findFirst();
    }

    private static boolean isSame(String own, String server) {
        if (own.equalsIgnoreCase(server)) {
            return true;
        }
        var bound = literal(own);
        var address = literal(server);
        if (bound.isEmpty() || address.isEmpty()) {
            return false;
        }
        boolean isServed = !(bound.get() instanceof Inet4Address) || address.get() instanceof Inet4Address;
        return bound.equals(address) || bound.get().isAnyLocalAddress() && isServed && isOurs(address.get());
    }

    private List<String> setting(String endpoint, String key) {
        return configuration
                .inForce(Keys.ofEndpoint(endpoint, key))
                .map(InForce::values)
                .orElse(List.of());
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host.equalsIgnoreCase(LOCALHOST) ? "127.0.0.1" : host));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static boolean isOurs(InetAddress address) {
        try {
            return address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException _) {
            return false;
        }
    }
}
