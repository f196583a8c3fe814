package dev.socketforwarder.runtime;

import dev.socketforwarder.api.HostPort;
import dev.socketforwarder.runtime.Configuration.InForce;
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
 * @param endpoints the names of those that can run
 */
record OwnPorts(Configuration configuration, List<String> endpoints) {
    private static final Pattern SERVER = Pattern.compile("connect\\.[0-9]+\\.to");
    private static final String LOCALHOST = "localhost";

    /** Look at each server. */
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
        var to = HostPort.parse(server.values().getFirst());
        endpoints.stream().filter(name -> listens(name, to)).findFirst().ifPresent(own -> {
            int end = server.key().lastIndexOf('.') + 1;
            new SettingsView(configuration, server.key().substring(0, end))
                    .warn(
                            server.key().substring(end),
                            server.values().getFirst(),
                            "where this forwarder's own endpoint " + own + " listens: it never connects to itself");
        });
    }

    private boolean listens(String endpoint, HostPort to) {
        if (!setting(endpoint, "port").contains(Integer.toString(to.portNumber()))) {
            return false;
        }
        var host = to.host().equalsIgnoreCase(LOCALHOST) ? "127.0.0.1" : to.host();
        var address = literal(host);
        for (var own : setting(endpoint, "host-address")) {
            var bound = literal(own.equalsIgnoreCase(LOCALHOST) ? "127.0.0.1" : own);
            if (own.equalsIgnoreCase(host)
                    || bound.isPresent() && bound.equals(address)
                    || bound.isPresent()
                            && bound.get().isAnyLocalAddress()
                            && address.filter(OwnPorts::isOurs).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private List<String> setting(String endpoint, String key) {
        return configuration
                .inForce(Keys.ofEndpoint(endpoint, key))
                .map(InForce::values)
                .orElse(List.of());
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
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
