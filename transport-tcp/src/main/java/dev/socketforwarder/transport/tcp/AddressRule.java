package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** One preconfigured address: {@code group:host:port}. */
final class AddressRule {
    private static final int ANY_PORT = 0;

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
        int bracket = text.lastIndexOf('[');
        int start = bracket > 0 ? bracket - 1 : text.lastIndexOf(':', end - 1);
        if (start < 1 || text.charAt(start) != ':') {
            throw new IllegalArgumentException(text);
        }
        var target = HostPort.parse(withBracketsOutside(text.substring(start + 1)));
        int port = target.port().equals("*") ? ANY_PORT : target.portNumber();
        int slash = target.host().lastIndexOf('/');
        var host = slash < 0 ? target.host() : target.host().substring(0, slash);
        int length = slash < 0 ? -1 : prefixLength(host, target.host().substring(slash + 1));
        return new AddressRule(GroupId.of(text.substring(0, start)).name(), host, length, port);
    }

    /** {@return {@code [fd00::]/8:*} as {@code [fd00::/8]:*}, which people write as well} */
    private static String withBracketsOutside(String text) {
        return text.replaceFirst("\\](/[0-9]+):", "$1]:");
    }

    private static int prefixLength(String host, String digits) {
        // Only an address has a block; this also keeps a name from being looked up here.
        boolean six = host.indexOf(':') >= 0;
        if (!six && !host.matches("[0-9.]+") || !digits.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("not a CIDR block: " + host + "/" + digits);
        }
        int length = Integer.parseInt(digits);
        if (length > (six ? 128 : 32)) {
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
