package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Pattern;

/** One preconfigured address: {@code group:host:port}. */
final class AddressRule {
    private static final int ANY_PORT = 0;
    /** The end of a rule with an IPv6 address, from the colon before it on. */
    private static final Pattern BRACKETED = Pattern.compile(":\\[[^\\[\\]]*\\](/[0-9]+)?:[^:]*$");

    private final String group;
    private final String host;
    private final int prefixLength; // -1: the whole address
    private final int port;
    private volatile List<InetAddress> addresses = List.of();

    private AddressRule(String group, String host, int prefixLength, int port) {
        this.group = group;
        this.host = host;
        this.prefixLength = prefixLength;
        this.port = port;
    }

    /**
     * Part a rule; names are not looked up yet.
     *
     * @throws IllegalArgumentException if it is none
     */
    static AddressRule parse(String text) {
        int end = text.lastIndexOf(':');
        // The name of a group may have colons and brackets in it.
        var bracketed = BRACKETED.matcher(text);
        int start = bracketed.find() ? bracketed.start() : text.lastIndexOf(':', end - 1);
        if (start < 1) {
            throw new IllegalArgumentException(text);
        }
        rejectBareIpv6(text, end);
        var target = HostPort.parse(withBracketsOutside(text.substring(start + 1)));
        int port = target.port().equals("*") ? ANY_PORT : target.portNumber();
        var group = GroupId.of(text.substring(0, start)).name();
        int slash = target.host().lastIndexOf('/');
        if (slash < 0) {
            return new AddressRule(group, target.host(), -1, port);
        }
        var host = target.host().substring(0, slash);
        return new AddressRule(group, host, prefixLength(host, target.host().substring(slash + 1)), port);
    }

    /** Without its brackets, its last group of digits would pass for the host and the rest for the name of the group. */
    private static void rejectBareIpv6(String text, int end) {
        for (int colon = text.indexOf(':'); colon < end; colon = text.indexOf(':', colon + 1)) {
            var rest = text.substring(colon + 1, end);
            if (rest.startsWith("[") && !rest.endsWith("]")) {
                rest = rest.substring(1); // one was forgotten
            }
            if (rest.indexOf(':') >= 0 && !rest.startsWith("[") && isLiteral(rest)) {
                throw new IllegalArgumentException("an IPv6 address without brackets: " + text);
            }
        }
    }

    private static boolean isLiteral(String host) {
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** {@return {@code [fd00::]/8:*} as {@code [fd00::/8]:*}, which people write as well} */
    private static String withBracketsOutside(String text) {
        return text.replaceFirst("\\](/[0-9]+):", "$1]:");
    }

    private static int prefixLength(String host, String digits) {
        if (!digits.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("not a prefix length: " + digits);
        }
        // Only an address has a block; a name is never looked up here.
        int bits = 8 * InetAddress.ofLiteral(host).getAddress().length;
        int length = Integer.parseInt(digits);
        if (host.indexOf(':') >= 0 && bits == 32) {
            length -= 96; // ::ffff:10.0.0.0/104, which is IPv4 to Java, as its peers are
        }
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("not a prefix length: " + digits);
        }
        return length;
    }

    String group() {
        return group;
    }

    void resolve() throws IOException {
        addresses = HostPort.resolve("preconfig-addresses", host);
    }

    boolean fits(InetSocketAddress peer) {
        if (port != ANY_PORT && port != peer.getPort()) {
            return false;
        }
        for (var address : addresses) {
            if (prefixLength < 0 ? address.equals(peer.getAddress()) : sameBlock(address, peer.getAddress())) {
                return true;
            }
        }
        return false;
    }

    private boolean sameBlock(InetAddress block, InetAddress address) {
        byte[] a = block.getAddress();
        byte[] b = address.getAddress();
        if (a.length != b.length) {
            return false;
        }
        for (int bit = 0; bit < prefixLength; bit += 8) {
            int mask = prefixLength - bit >= 8 ? 0xff : 0xff << (8 - (prefixLength - bit));
            if (((a[bit / 8] ^ b[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
