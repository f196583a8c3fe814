package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.AddressBlock;
import dev.socketforwarder.api.kit.AddressFilter;
import java.net.InetAddress;
import java.util.List;

/**
 * What the configuration says of an endpoint's connections: limits and lists that may change while the endpoint runs. They are one
 * value, so that nobody ever sees half of a change. A connection heeds the rules that were in force when it came.
 *
 * @param settings times and limits
 * @param filter the addresses that may connect
 * @param proxies the addresses of proxies, whose connections begin with a header
 */
public record StreamRules(StreamSettings settings, AddressFilter filter, List<AddressBlock> proxies) {
    private static final String PROXIES = "proxy-protocol";

    /**
     * Read the rules, for an endpoint of a process that may have this many connections.
     *
     * @throws dev.socketforwarder.api.SettingException if a setting is wrong
     */
    public static StreamRules read(Settings settings, int connections) {
        return new StreamRules(
                StreamSettings.read(settings, connections),
                AddressFilter.read(settings),
                AddressFilter.blocks(settings, PROXIES));
    }

    /** {@return whether proxies are configured, so that a header may also come from a peer that is not a proxy} */
    public boolean expectsProxies() {
        return !proxies.isEmpty();
    }

    /**
     * {@return whether connections from {@code address} begin with a proxy's header, and count for the client that the
     * header names}
     */
    public boolean isProxy(InetAddress address) {
        return AddressFilter.isIn(proxies, address);
    }
}
