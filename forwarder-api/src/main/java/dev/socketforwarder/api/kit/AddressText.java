package dev.socketforwarder.api.kit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Formats addresses as text, with IPv6 addresses in their short form (RFC 5952). */
public final class AddressText {
    private static final int WORDS = 8;

    private AddressText() {}

    /**
     * {@return the text of a socket's address, as settings and logs write it}
     *
     * <p>The text of an IP address is host and port, with an IPv6 address in brackets and in its short form (RFC 5952). The text
     * of any other address is the result of its {@code toString}, which may be null or contain line breaks.
     *
     * @param address the address of a socket
     */
    public static String of(SocketAddress address) {
        if (!(address instanceof InetSocketAddress ip)) {
            return address.toString();
        }
        var host = ip.isUnresolved() ? ip.getHostString() : of(ip.getAddress());
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + ip.getPort();
    }

    /**
     * {@return the text of a host's address, with an IPv6 address in its short form (RFC 5952)}
     *
     * @param address the address of a host
     */
    public static String of(InetAddress address) {
        var text = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return text;
        }
        int scope = text.indexOf('%');
        var words = (scope < 0 ? text : text.substring(0, scope)).split(":");
        return shortened(words) + (scope < 0 ? "" : text.substring(scope));
    }

    /** Replace the longest run of two or more zero words by two colons; the first such run if several are equally long. */
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
