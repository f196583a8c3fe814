package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the setting {@code host-address}, which names the hosts where an endpoint listens, and resolves these hosts to addresses. */
public final class ListeningHosts {
    private static final String KEY = "host-address";

    /** An address of IPv4, or a name, in which a name service may know any letters. */
    private static final Pattern NAME = Pattern.compile("[^\\s/*,@]+");

    private ListeningHosts() {}

    /**
     * Read the setting {@code host-address}, whose default is {@code 0.0.0.0}. Use {@link #resolve} to turn the hosts into
     * addresses when the endpoint starts.
     *
     * @param settings the settings of the endpoint
     * @return one or more hosts, each once, without brackets
     * @throws dev.socketforwarder.api.SettingException if the list is empty, or a host is no address or name, listed twice, or
     *     covered by another host
     */
    public static List<String> read(Settings settings) {
        var hosts = settings.list(KEY, List.of("0.0.0.0")).stream()
                .map(host -> host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host)
                .toList();
        if (hosts.isEmpty()) {
            throw settings.invalid(KEY, "", "at least one address"); // the endpoint would listen nowhere
        }
        var seen = new HashSet<String>();
        for (var host : hosts) {
            if (!isHost(host) || !seen.add(host)) {
                throw settings.invalid(
                        KEY,
                        host,
                        "addresses or host names, each once and without a port; 0.0.0.0 stands for all addresses of IPv4,"
                                + " and \"::\" for those of IPv6 too");
            }
        }
        if (seen.contains("::") && seen.contains("0.0.0.0")) {
            throw settings.invalid(KEY, "0.0.0.0", "\"::\" alone, which serves IPv4 as well");
        }
        return hosts;
    }

    private static boolean isHost(String text) {
        if (text.indexOf(':') < 0) {
            return NAME.matcher(text).matches();
        }
        try {
            InetAddress.ofLiteral(text.replaceFirst("%.*", "")); // the network interface may come later
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /**
     * Look up the addresses of several hosts. May block.
     *
     * @param key the setting that names the hosts, for the message of the exception
     * @param hosts names or addresses
     * @return at least one address for each host, in the order of the hosts, without duplicates
     * @throws IOException if a host has no address; the message is one line and names the host
     */
    public static List<InetAddress> resolve(String key, List<String> hosts) throws IOException {
        // The keys are texts, since equals() of an address ignores its zone.
        var byText = new LinkedHashMap<String, InetAddress>();
        for (var host : hosts) {
            for (var address : resolve(key, host)) {
                byText.putIfAbsent(address.getHostAddress(), address);
            }
        }
        return List.copyOf(byText.values());
    }

    private static List<InetAddress> resolve(String key, String host) throws IOException {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            throw new IOException(
                    key + ": the host '" + host + "' cannot be resolved; write an address, or fix the name resolution",
                    e);
        }
    }
}
