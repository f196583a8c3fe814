package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.Settings;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * A host and a port as they are written in settings: {@code example.org:80}, {@code 127.0.0.1:80}, {@code [::1]:80}.
 *
 * @param host a name or an address, without brackets
 * @param port what stands after the last colon, unchecked
 */
public record HostPort(String host, String port) {
    private static final int WORDS = 8;
    private static final String LISTENING = "host-address";

    /**
     * Part a text at its last colon, and take the brackets off an IPv6 address.
     *
     * @param text with a colon before the port
     * @return both parts
     * @throws IllegalArgumentException if it has no colon, no host, blanks or stray brackets in it, or an IPv6 address
     *     without brackets
     */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("no host and port: " + text);
        }
        var host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address without brackets: " + text);
        }
        if (host.isEmpty() || host.chars().anyMatch(HostPort::standsInNoHost)) {
            throw new IllegalArgumentException("no host: " + text);
        }
        return new HostPort(host, text.substring(colon + 1));
    }

    private static boolean standsInNoHost(int character) {
        return character <= ' ' || character == '[' || character == ']' || Character.isISOControl(character);
    }

    /**
     * {@return {@link #port} as a number}
     *
     * @throws IllegalArgumentException if it is not one from 1 to 65535
     */
    public int portNumber() {
        if (!port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        int number = Integer.parseInt(port);
        if (number < 1 || number > 65_535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        return number;
    }

    /**
     * Read where an endpoint is to listen: the setting {@code host-address}, {@code 0.0.0.0} unless it is set. With {@link
     * #resolve(String, List)} they become addresses when it starts.
     *
     * @param settings the endpoint's
     * @return one or several hosts, each once, without brackets
     * @throws dev.socketforwarder.api.SettingException if there is none, or one is twice, blank, or served by another
     */
    public static List<String> listening(Settings settings) {
        var hosts = settings.list(LISTENING, List.of("0.0.0.0")).stream()
                .map(host -> host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host)
                .toList();
        if (hosts.isEmpty()) {
            throw settings.invalid(LISTENING, "", "at least one address"); // it would listen nowhere
        }
        var seen = new HashSet<String>();
        for (var host : hosts) {
            if (host.isBlank() || !seen.add(host)) {
                throw settings.invalid(LISTENING, host, "addresses or host names, each once");
            }
        }
        if (seen.contains("::") && seen.contains("0.0.0.0")) {
            throw settings.invalid(LISTENING, "0.0.0.0", "\"::\" alone, which serves IPv4 as well");
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

    /**
     * {@return an address as settings and logs have it: of an IP socket host and port, IPv6 in brackets and in its short form
     * (RFC 5952); of any other what it says of itself, maybe nothing, and maybe with characters that break lines}
     *
     * @param address of a socket
     */
    public static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress ip)) {
            return address.toString();
        }
        var host = ip.isUnresolved() ? ip.getHostString() : text(ip.getAddress());
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + ip.getPort();
    }

    /**
     * {@return an address without a port, in its short form (RFC 5952)}
     *
     * @param address of a host
     */
    public static String text(InetAddress address) {
        var text = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return text;
        }
        int scope = text.indexOf('%');
        var words = (scope < 0 ? text : text.substring(0, scope)).split(":");
        return shortened(words) + (scope < 0 ? "" : text.substring(scope));
    }

    /** Two colons stand for the first of the longest runs of zeros, if it is one of two or more. */
    private static String shortened(String[] words) {
        int bestStart = WORDS;
        int bestLength = 1;
        for (int start = 0; start < WORDS; start++) {
            int length = 0;
            while (start + length < WORDS && words[start + length].equals("0")) {
                length++;
            }
            if (length > bestLength) {
                bestStart = start;
                bestLength = length;
            }
        }
        var out = new StringBuilder();
        for (int i = 0; i < WORDS; i++) {
            if (i == bestStart) {
                out.append("::");
                i += bestLength - 1;
            } else {
                out.append(out.isEmpty() || out.charAt(out.length() - 1) == ':' ? "" : ":")
                        .append(words[i]);
            }
        }
        return out.toString();
    }
}
