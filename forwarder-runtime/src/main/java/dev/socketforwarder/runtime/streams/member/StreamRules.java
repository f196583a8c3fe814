package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.kit.AddressBlock;
import dev.socketforwarder.api.kit.AddressFilter;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The rules that the configuration sets for an endpoint's connections. All of them may change while the endpoint runs. The rules
 * are one value, so that nobody ever sees half of a change.
 *
 * @param settings times and limits
 * @param filter the addresses that may connect
 * @param proxies the addresses of proxies, whose connections begin with a header
 * @param handshake decides which group each peer joins, if any
 * @param mayBlock whether {@code handshake} may block, and so is asked on threads of its own
 * @param tls secures the connections of clients; empty: they are plain
 */
public record StreamRules(
        StreamSettings settings,
        AddressFilter filter,
        List<AddressBlock> proxies,
        Handshake handshake,
        boolean mayBlock,
        Optional<Tls> tls) {
    private static final String PROXIES = "proxy-protocol";

    /**
     * Read the rules, for an endpoint of a process that may have this many connections, whose clients have codecs or not.
     *
     * @throws dev.socketforwarder.api.SettingException if a setting is wrong
     */
    public static StreamRules read(
            Settings settings,
            int connections,
            Handshake handshake,
            boolean mayBlock,
            Optional<Tls> tls,
            boolean haveCodecs) {
        var read = StreamSettings.read(settings, connections, haveCodecs);
        if (haveCodecs && read.refusalReply()) {
            throw settings.invalid(
                    "refusal-reply", "true", "false here: clients are refused in the words of their protocol");
        }
        if (read.firstMessageLimit() < handshake.shortestMessage()) {
            throw settings.invalid(
                    "first-message-limit",
                    Integer.toString(read.firstMessageLimit()),
                    "at least " + handshake.shortestMessage() + ", or no first message fits");
        }
        return new StreamRules(
                read, AddressFilter.read(settings), AddressFilter.blocks(settings, PROXIES), handshake, mayBlock, tls);
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
