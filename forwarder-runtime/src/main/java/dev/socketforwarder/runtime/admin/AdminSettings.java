package dev.socketforwarder.runtime.admin;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.tls.EndpointTls;
import dev.socketforwarder.runtime.tls.TlsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The section {@code admin} of the configuration.
 *
 * @param address where the admin endpoint listens
 * @param token the token that entitles to changes; empty if nobody may change anything
 * @param hosts the names, in lower case, by which browsers may address the endpoint, beside IP addresses and {@code localhost}
 * @param tls the endpoint's certificate; empty if the endpoint speaks plain HTTP
 * @param metricsGroups the groups that have metrics of their own
 * @param section the settings, for messages
 */
public record AdminSettings(
        InetSocketAddress address,
        Optional<String> token,
        Set<String> hosts,
        Optional<TlsSettings> tls,
        List<String> metricsGroups,
        SettingsView section) {

    private static final int SHORTEST_TOKEN = 16;
    private static final int MOST_GROUPS = 100; // each is several time series

    /**
     * {@return the settings; empty if {@code port} is not set, so that there is no admin endpoint}
     *
     * @throws SettingException if a setting is wrong, or everybody could reach the endpoint without a token
     */
    public static Optional<AdminSettings> read(SettingsView section) {
        if (section.find("port").isEmpty()) {
            Stream.of("host", "token", "token-file", "hosts", "metrics-groups")
                    .forEach(section::find); // marks the keys as known
            TlsSettings.read(section.section("tls"));
            return Optional.empty();
        }
        int port = section.number("port", 0, 0, 65_535);
        var host = section.text("host", "127.0.0.1");
        var token = section.secret("token");
        var hosts = section.list("hosts", List.of());
        var groups = section.list("metrics-groups", List.of());
        var tls = TlsSettings.read(section.section("tls"));
        token.filter(text -> text.length() < SHORTEST_TOKEN).ifPresent(text -> {
            throw shortToken(section, text);
        });
        if (groups.size() > MOST_GROUPS) {
            throw section.invalid("metrics-groups", groups.getLast(), "a list of at most " + MOST_GROUPS + " groups");
        }
        var address = address(section, host, port);
        if (!address.getAddress().isLoopbackAddress() && token.isEmpty()) {
            throw section.invalid(
                    "host", host, "a loopback address, unless admin.token-file names a file with a token");
        }
        var names = hosts.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
        return Optional.of(new AdminSettings(address, token, names, tls, groups, section));
    }

    /**
     * {@return the certificate, loaded; empty if the endpoint speaks plain HTTP}
     *
     * @throws SettingException if the certificate cannot be used
     */
    public Optional<EndpointTls> loadTls() {
        var loaded = tls.map(read -> new EndpointTls(AdminServer.NAME, read, section.section("tls")));
        loaded.ifPresent(EndpointTls::load);
        return loaded;
    }

    /** {@return whether one server can serve both, by other rules at most} */
    boolean isServedLike(AdminSettings other) {
        return address.equals(other.address) && tls.equals(other.tls);
    }

    /** {@return whether requests are answered by the same rules} */
    boolean isRuledLike(AdminSettings other) {
        return token.equals(other.token) && hosts.equals(other.hosts) && metricsGroups.equals(other.metricsGroups);
    }

    /** {@return whether the two addresses cannot be bound at the same time} */
    boolean isInTheWayOf(AdminSettings other) {
        return address.getPort() != 0
                && address.getPort() == other.address.getPort()
                && (address.getAddress().isAnyLocalAddress()
                        || other.address.getAddress().isAnyLocalAddress()
                        || address.equals(other.address));
    }

    /** {@return the complaint about a token that is too short, which names the setting that the token came by} */
    private static SettingException shortToken(SettingsView section, String token) {
        var length = SHORTEST_TOKEN + " characters";
        return section.find("token").isPresent()
                ? section.invalid("token", token, "at least " + length)
                : section.invalid(
                        "token-file", section.text("token-file", ""), "a file whose token has at least " + length);
    }

    private static InetSocketAddress address(SettingsView section, String host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException _) {
            throw section.invalid("host", host, "an IP address or a host name that can be resolved");
        }
    }
}
