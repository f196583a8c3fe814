package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Settings;
import java.net.InetAddress;
import java.util.List;

/**
 * Admits peers by their addresses, as the settings {@code allow} and {@code deny} of an endpoint say. A transport asks the filter
 * before it looks at a byte of a peer, and refuses with {@link dev.socketforwarder.api.Reason#DENIED_ADDRESS
 * Reason.DENIED_ADDRESS}. Thread-safe.
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
     * Read both lists; from {@link dev.socketforwarder.api.Transport#open Transport.open}.
     *
     * @param settings the endpoint's
     * @return the filter; one that admits everybody if both lists are empty
     * @throws dev.socketforwarder.api.SettingException if an element is neither an address nor a CIDR block
     */
    public static AddressFilter read(Settings settings) {
        return new AddressFilter(blocks(settings, ALLOW), blocks(settings, DENY));
    }

    /**
     * Read a list of addresses and CIDR blocks, which is empty by default.
     *
     * @param settings the endpoint's
     * @param key of the list
     * @return the blocks, in their order
     * @throws dev.socketforwarder.api.SettingException if an element is neither
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
            throw settings.invalid(key, text, "addresses or CIDR blocks, as in 127.0.0.1, 10.0.0.0/8 or fd00::/8");
        }
    }

    /**
     * {@return whether every peer is admitted}
     */
    public boolean admitsAll() {
        return allowed.isEmpty() && denied.isEmpty();
    }

    /**
     * {@return whether a peer with this address is admitted: it is not denied, and allowed if {@code allow} is set}
     *
     * @param address the peer's
     */
    public boolean admits(InetAddress address) {
        return !isIn(denied, address) && (allowed.isEmpty() || isIn(allowed, address));
    }

    /**
     * {@return whether a peer is admitted; a peer without an IP address is, unless {@code allow} is set}
     *
     * @param peer the peer
     */
    public boolean admits(Peer peer) {
        return peer.address().map(this::admits).orElse(allowed.isEmpty());
    }

    /**
     * {@return whether one of {@code blocks} holds {@code address}}
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
