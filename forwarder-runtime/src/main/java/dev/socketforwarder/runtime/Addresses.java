package dev.socketforwarder.runtime;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Addresses as one would type them: IPv6 in its short form (RFC 5952), and in brackets before a port. */
final class Addresses {
    private static final int WORDS = 8;
    private static final String UNNAMED = "an unnamed socket"; // as a client's Unix domain socket

    private Addresses() {}

    /** {@return address and port} */
    static String shown(SocketAddress address) {
        if (!(address instanceof InetSocketAddress ip)) {
            var text = address.toString();
            return text.isEmpty() ? UNNAMED : Printable.line(text);
        }
        var host = ip.isUnresolved() ? Printable.line(ip.getHostString()) : shown(ip.getAddress());
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + ip.getPort();
    }

    /** {@return the address alone} */
    static String shown(InetAddress address) {
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
