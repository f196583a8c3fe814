package dev.socketforwarder.api.kit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Addresses as settings and logs have them: IPv6 in its short form (RFC 5952). */
public final class AddressText {
    private static final int WORDS = 8;

    private AddressText() {}

    /**
     * {@return an address as settings and logs have it: of an IP socket host and port, IPv6 in brackets and in its short form
     * (RFC 5952); of any other what it says of itself, maybe nothing, and maybe with characters that break lines}
     *
     * @param address of a socket
     */
    public static String of(SocketAddress address) {
        if (!(address instanceof InetSocketAddress ip)) {
            return address.toString();
        }
        var host = ip.isUnresolved() ? ip.getHostString() : of(ip.getAddress());
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + ip.getPort();
    }

    /**
     * {@return an address without a port, in its short form (RFC 5952)}
     *
     * @param address of a host
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
