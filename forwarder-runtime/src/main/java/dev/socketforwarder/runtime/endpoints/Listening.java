package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.text.Values;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An address where an endpoint or the admin endpoint listens, as the configuration says it.
 *
 * @param owner the name of the endpoint
 * @param settings those of the endpoint
 * @param hostKey the setting that names the host
 * @param host a name or an address, without brackets
 * @param port 0 stands for a free port
 */
public record Listening(String owner, Protocol protocol, SettingsView settings, String hostKey, String host, int port) {
    public static final String PORT = "port";
    private static final String EVERY_ADDRESS = "0.0.0.0";
    private static final int LAST_PORT = 65_535;

    /** {@return the addresses of all endpoints that listen on TCP or UDP ports; a plugin may listen elsewhere} */
    public static List<Listening> of(Configuration configuration, List<HostedEndpoint> hosted) {
        var all = new ArrayList<Listening>();
        for (var each : hosted) {
            var protocol = each.transport().service().protocol();
            if (protocol != Protocol.OTHER) {
                all.addAll(of(configuration, each.name(), protocol, Keys.ofEndpoint(each.name(), ""), "host-address"));
            }
        }
        all.addAll(of(configuration, Keys.ADMIN, Protocol.TCP, Keys.ADMIN + ".", "host"));
        return List.copyOf(all);
    }

    private static List<Listening> of(
            Configuration configuration, String owner, Protocol protocol, String prefix, String hostKey) {
        // A plugin may give its setting "port" any meaning.
        long port = configuration
                .inForce(prefix + PORT)
                .flatMap(value -> value.values().stream().findFirst())
                .map(text -> Values.number(text).orElse(-1))
                .orElse(-1L);
        if (port < 0 || port > LAST_PORT) {
            return List.of();
        }
        var settings = new SettingsView(configuration, prefix);
        return configuration.inForce(prefix + hostKey).map(InForce::values).orElse(List.of(EVERY_ADDRESS)).stream()
                .map(host -> host.replaceAll("^\\[|]$", ""))
                .map(host -> new Listening(owner, protocol, settings, hostKey, host, (int) port))
                .toList();
    }

    /** {@return whether the kernel lets only one of both have its address} */
    boolean excludes(Listening other) {
        return protocol == other.protocol && port == other.port && port > 0 && isSameHost(host, other.host);
    }

    private static boolean isSameHost(String one, String other) {
        if (one.equalsIgnoreCase(other)) {
            return true;
        }
        var address = literal(one);
        var another = literal(other);
        return address.isPresent()
                && another.isPresent()
                && (address.equals(another)
                        || includes(address.get(), another.get())
                        || includes(another.get(), address.get()));
    }

    private static boolean includes(InetAddress wildcard, InetAddress address) {
        return wildcard.isAnyLocalAddress() && (!(wildcard instanceof Inet4Address) || address instanceof Inet4Address);
    }

    /** {@return the host as an address; empty if the host is a name} */
    public Optional<InetAddress> literal() {
        return literal(host);
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** {@return the address as people write it} */
    public String shown() {
        var bracketed = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return port == 0 ? bracketed + ", a free port" : bracketed + ":" + port;
    }
}
