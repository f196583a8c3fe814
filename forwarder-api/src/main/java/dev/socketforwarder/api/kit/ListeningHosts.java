package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;

/** The hosts at which an endpoint listens: read from its settings, and looked up when it starts. */
public final class ListeningHosts {
    private static final String KEY = "host-address";

    private ListeningHosts() {}

    /**
     * Read where an endpoint is to listen: the setting {@code host-address}, {@code 0.0.0.0} unless it is set. With {@link #resolve(String, List)} they become addresses when it starts.
     *
     * @param settings the endpoint's
     * @return one or several hosts, each once, without brackets
     * @throws dev.socketforwarder.api.SettingException if there is none, or one is twice, blank, or served by another
     */
    public static List<String> read(Settings settings) {
        var hosts = settings.list(KEY, List.of("0.0.0.0")).stream()
                .map(host -> host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host)
                .toList();
        if (hosts.isEmpty()) {
            throw settings.invalid(KEY, "", "at least one address"); // it would listen nowhere
        }
        var seen = new HashSet<String>();
        for (var host : hosts) {
            if (host.isBlank() || !seen.add(host)) {
                throw settings.invalid(KEY, host, "addresses or host names, each once");
            }
        }
        if (seen.contains("::") && seen.contains("0.0.0.0")) {
            throw settings.invalid(KEY, "0.0.0.0", "\"::\" alone, which serves IPv4 as well");
        }
        return hosts;
    }

    /**
     * Look up the addresses of several hosts, each address once, in their order. May block.
     *
     * @param key the setting that names them, for the message
     * @param hosts names or addresses
     * @return at least one address for each host, but none twice
     * @throws IOException if a host has none; its message says so in one line
     */
    public static List<InetAddress> resolve(String key, List<String> hosts) throws IOException {
        var byText = new LinkedHashMap<String, InetAddress>(); // the text has the zone, which equals() does not look at
        for (var host : hosts) {
            for (var address : resolve(key, host)) {
                byText.putIfAbsent(address.getHostAddress(), address);
            }
        }
        return List.copyOf(byText.values());
    }

    /**
     * Look up all addresses of a host. May block.
     *
     * @param key the setting that names it, for the message
     * @param host a name or an address
     * @return at least one address
     * @throws IOException if it has none; its message says so in one line
     */
    public static List<InetAddress> resolve(String key, String host) throws IOException {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            throw new IOException(
                    key + ": the host '" + host + "' cannot be resolved; write an address, or mend the name service",
                    e);
        }
    }
}
