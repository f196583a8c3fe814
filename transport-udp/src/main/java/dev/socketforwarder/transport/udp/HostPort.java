package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * An address of a member as configuration writes it, {@code host:port}.
 *
 * @param host a name, or an address without brackets
 * @param port 1 to 65535
 */
record HostPort(String host, int port) {
    static final String ALLOWED =
            "host:port, port 1 to 65535, IPv6 in brackets; no multicast, broadcast or wildcard address";

    /** {@return what {@code text} says, or empty if it is none, or no single host's address} */
    static Optional<HostPort> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            return Optional.empty();
        }
        var written = text.substring(0, colon);
        var host = withoutBrackets(written);
        boolean bracketed = written.length() != host.length();
        var port = PortNumber.parse(text.substring(colon + 1));
        if (port.isEmpty() || !isHost(host, bracketed)) {
            return Optional.empty();
        }
        return Optional.of(new HostPort(host, port.getAsInt()));
    }

    /** {@return an address with its port as logs and messages show it} */
    static String text(InetSocketAddress address) {
        return new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString();
    }

    static String withoutBrackets(String host) {
        return host.length() > 2 && host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host;
    }

    private static boolean isHost(String host, boolean bracketed) {
        if (host.isBlank() || !bracketed && host.contains(":")) {
            return false;
        }
        try {
            var literal = InetAddress.ofLiteral(host);
            boolean fits = !bracketed || literal instanceof Inet6Address;
            return fits && ListeningAddresses.kindObjection(literal).isEmpty();
        } catch (IllegalArgumentException _) {
            // Not a literal, so a name: whether it resolves is known at the start.
            return !bracketed;
        }
    }

    /**
     * {@return every address of the host, each with the port}
     *
     * @throws IOException if the name is not known; the message is for the user
     */
    List<InetSocketAddress> resolve(String key) throws IOException {
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .map(address -> new InetSocketAddress(address, port))
                    .toList();
        } catch (UnknownHostException e) {
            throw new IOException(
                    key + ": host name \"" + host
                            + "\" is not known: check its spelling, the machine's DNS, or write an" + " address",
                    e);
        }
    }

    @Override
    public String toString() {
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}
