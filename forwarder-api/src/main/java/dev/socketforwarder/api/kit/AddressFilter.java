package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Settings;
import java.net.InetAddress;
import java.util.List;

/**
 * Admits peers by their addresses, as the settings {@code allow} and {@code deny} of an endpoint demand. A transport asks the
 * filter before it looks at any byte of a peer, and refuses a peer that is not admitted with {@link
 * dev.socketforwarder.api.Reason#DENIED_ADDRESS Reason.DENIED_ADDRESS}. Thread-safe.
 */
public final class AddressFilter {
    private static final String ALLOW = "allow";
    private static final String DENY = "deny";

    private final List<AddressBlock> allowed;
    private final List<AddressBlock> denied;

    private AddressFilter(List<AddressBlock> allowed, List<AddressBlock> denied) {
        this.allowed = allowed;
        this.denied = denied;
    }

    /**
     * Read both lists. For use in {@link dev.socketforwarder.api.Transport#open Transport.open}.
     *
     * @param settings the settings of the endpoint
     * @return the filter, which admits every peer if both lists are empty
     * @throws dev.socketforwarder.api.SettingException if an element is neither an address nor a CIDR block
     */
    public static AddressFilter read(Settings settings) {
        return new AddressFilter(blocks(settings, ALLOW), blocks(settings, DENY));
    }

    /**
     * Read a list of addresses and CIDR blocks, which is empty by default.
     *
     * @param settings the settings of the endpoint
     * @param key the key of the list
     * @return the blocks, in the order of the list
     * @throws dev.socketforwarder.api.SettingException if an element is neither an address nor a CIDR block
     */
    public static List<AddressBlock> blocks(Settings settings, String key) {
        return settings.list(key, List.of()).stream()
                .map(text -> block(settings, key, text))
                .toList();
    }

    private static AddressBlock block(Settings settings, String key, String text) {
        try {
            return AddressBlock.parse(text);
        } catch (IllegalArgumentException _) {
            throw settings.invalid(
                    key,
                    text,
                    "addresses or CIDR blocks, as in 127.0.0.1, 10.0.0.0/8 or fd00::/8, without bits behind the prefix");
        }
    }

    /**
     * {@return whether the filter admits every peer}
     */
    public boolean admitsAll() {
        return allowed.isEmpty() && denied.isEmpty();
    }

    /**
     * {@return whether a peer with this address is admitted: {@code deny} does not contain the address, and {@code allow}
     * contains it or is empty}
     *
     * @param address the peer's address
     */
    public boolean admits(InetAddress address) {
        return !isIn(denied, address) && (allowed.isEmpty() || isIn(allowed, address));
    }

    /**
     * {@return whether a peer is admitted; a peer without an IP address is admitted if {@code allow} is empty}
     *
     * @param peer the peer
     */
    public boolean admits(Peer peer) {
        return peer.address().map(this::admits).orElse(allowed.isEmpty());
    }

    /**
     * {@return whether one of {@code blocks} contains {@code address}}
     *
     * @param blocks in any order
     * @param address an IPv4 or IPv6 address
     */
    public static boolean isIn(List<AddressBlock> blocks, InetAddress address) {
        for (var block : blocks) {
            if (block.contains(address)) {
                return true;
            }
        }
        return false;
    }
}
