package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.kit.AddressBlock;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.api.kit.HostPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One preconfigured address: {@code group:host:port}. */
final class AddressRule {
    private static final int ANY_PORT = 0;

    private final String text;
    private final String group;
    private final String host;
    private final boolean isBlock;
    private final int port;
    private volatile Set<InetAddress> last = Set.of(); // the addresses of a name
    private volatile List<AddressBlock> addresses; // empty for a name that is not known yet

    private AddressRule(String text, String group, String host, List<AddressBlock> addresses, int port) {
        this.text = text;
        this.group = group;
        this.host = host;
        this.isBlock = host.indexOf('/') >= 0;
        this.addresses = addresses;
        this.port = port;
    }

    /**
     * Parse a rule without looking up its name.
     *
     * @throws IllegalArgumentException if the text is not a rule
     */
    static AddressRule parse(String text) {
        int start = text.indexOf(':');
        if (start < 1) {
            throw new IllegalArgumentException(text);
        }
        var target = HostPort.parse(withBracketsOutside(text.substring(start + 1)));
        int port = target.port().equals("*") ? ANY_PORT : target.portNumber();
        var group = GroupId.of(text.substring(0, start)).name();
        return new AddressRule(text, group, target.host(), written(target.host()), port);
    }

    /** {@return the addresses of a host that is not a name; empty for a name, which is not looked up here} */
    private static List<AddressBlock> written(String host) {
        // Java would read 10 as 0.0.0.10; the block refuses incomplete addresses.
        return host.indexOf('/') >= 0 || isLiteral(host) ? List.of(AddressBlock.parse(host)) : List.of();
    }

    private static boolean isLiteral(String host) {
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** {@return {@code [fd00::]/8:*} as {@code [fd00::/8]:*}, since people write both} */
    private static String withBracketsOutside(String text) {
        return text.replaceFirst("\\](/[0-9]+):", "$1]:");
    }

    String group() {
        return group;
    }

    /** {@return the connections that the rule matches, as a text that is equal for equal rules} */
    String addresses() {
        return host.toLowerCase(Locale.ROOT) + ":" + port;
    }

    /** {@return whether the rule matches several connections, one of which another rule may name} */
    boolean isWide() {
        return isBlock || port == ANY_PORT;
    }

    /**
     * {@return whether this rule matches every connection that the other matches, as far as that is known without
     * look-ups}
     */
    boolean covers(AddressRule other) {
        if (port != ANY_PORT && port != other.port) {
            return false;
        }
        if (!isBlock || !isLiteral(addressOf(other.host))) {
            return host.equalsIgnoreCase(other.host);
        }
        return prefixLength() <= other.prefixLength()
                && AddressFilter.isIn(addresses, InetAddress.ofLiteral(addressOf(other.host)));
    }

    private static String addressOf(String block) {
        return block.replaceFirst("/.*", "");
    }

    /** {@return the length of the block's prefix, counted as in IPv6} */
    private int prefixLength() {
        boolean isIpv4 = host.indexOf(':') < 0;
        int slash = host.indexOf('/');
        return slash < 0 ? 128 : Integer.parseInt(host.substring(slash + 1)) + (isIpv4 ? 96 : 0);
    }

    /** {@return the host as written} */
    String host() {
        return host;
    }

    /** {@return whether the rule's addresses are known} */
    boolean isKnown() {
        return !addresses.isEmpty();
    }

    /**
     * Set the addresses of the rule's name.
     *
     * @return whether they differ from those before
     */
    boolean becomes(List<InetAddress> found) {
        var now = Set.copyOf(found); // a set, since a name server may change their order
        if (now.equals(last)) {
            return false;
        }
        last = now;
        addresses = now.stream().map(AddressBlock::of).toList();
        return true;
    }

    boolean fits(InetSocketAddress peer) {
        return (port == ANY_PORT || port == peer.getPort()) && AddressFilter.isIn(addresses, peer.getAddress());
    }

    /** {@return the rule as it was written} */
    @Override
    public String toString() {
        return text;
    }
}
