package dev.socketforwarder.transport.udp.settings;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.Compat;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.api.kit.ListeningHosts;
import java.net.InetAddress;
import java.util.List;

/**
 * The settings of one endpoint.
 *
 * @param hosts the addresses to bind, at least one; IPv6 without brackets
 * @param port the port to bind; 0 lets the kernel choose
 * @param reusePort another process of this user may bind the port too
 * @param prefix the beginning of a registration; not empty
 * @param maxDatagram the largest datagram to forward, in bytes
 * @param echo whether a sender gets its own datagrams too
 * @param members the settings for members
 * @param multicast the settings for multicast
 * @param preconfigured members from the start
 * @param buffers the socket buffers to request
 * @param group the group that the members share with other endpoints; empty for one of the endpoint's own
 * @param io how the endpoint does its I/O
 * @param sockets how many sockets receive, on a thread each
 */
public record UdpSettings(
        List<String> hosts,
        int port,
        boolean reusePort,
        String prefix,
        int maxDatagram,
        boolean echo,
        MemberSettings members,
        MulticastSettings multicast,
        List<HostPort> preconfigured,
        Buffers buffers,
        String group,
        IoPath io,
        int sockets) {

    /**
     * The sizes of socket buffers to request.
     *
     * @param receive SO_RCVBUF, in bytes
     * @param send SO_SNDBUF, in bytes
     */
    public record Buffers(int receive, int send) {
        /** Enough for a burst of tens of thousands of small datagrams. The kernel may grant less. */
        public static final Buffers DEFAULT = new Buffers(4 << 20, 4 << 20);
    }

    /** The most that one IPv4 datagram carries (RFC 768, RFC 791). */
    public static final int LARGEST_DATAGRAM = 65_507;

    public static final String DEFAULT_PREFIX = "SOCKETFORWARDER-NEW:";

    private static final int DEFAULT_MAX_READ = 65_536;
    private static final int LARGEST_MAX_READ = 1 << 24;
    private static final int MOST_SOCKETS = 64;
    private static final int SMALLEST_BUFFER = 4 << 10;
    private static final int LARGEST_BUFFER = 1 << 30;

    public UdpSettings {
        hosts = List.copyOf(hosts);
        preconfigured = List.copyOf(preconfigured);
    }

    /**
     * Read the settings. The port is read last, since an endpoint without one is left out and then has no unread keys.
     */
    public static UdpSettings read(Settings settings) {
        var hosts = ListeningHosts.read(settings);
        var prefix = settings.text("new-client-prefix", DEFAULT_PREFIX);
        if (prefix.isEmpty()) {
            throw settings.invalid("new-client-prefix", prefix, "at least one character");
        }
        // Other transports share the key, and may use sizes larger than a datagram.
        long maxRead = settings.size("max-read-in-size", DEFAULT_MAX_READ, 1, LARGEST_MAX_READ);
        boolean echo = settings.flag("echo", Compat.of(settings) == Compat.ORIGINAL);
        var members = MemberSettings.read(settings, prefix);
        var multicast = MulticastSettings.read(settings);
        var preconfigured = Compat.parseAll(settings, "preconfig-addresses", text -> preconfigured(settings, text));
        var buffers = new Buffers(
                buffer(settings, "receive-buffer", Buffers.DEFAULT.receive()),
                buffer(settings, "send-buffer", Buffers.DEFAULT.send()));
        var group = settings.text("group", "");
        if (!group.isEmpty() && !GroupId.isValid(group)) {
            throw settings.invalid("group", group, "1 to 256 bytes of UTF-8 without control characters");
        }
        var io = settings.choice("io", IoPath.AUTO);
        boolean reusePort = settings.flag("reuse-port", false);
        int sockets = settings.number("sockets", 1, 1, MOST_SOCKETS);
        int port = settings.required("port", 0, 65_535);
        return new UdpSettings(
                hosts,
                port,
                reusePort,
                prefix,
                (int) Math.min(LARGEST_DATAGRAM, maxRead),
                echo,
                members,
                multicast,
                preconfigured,
                buffers,
                group,
                io,
                sockets);
    }

    /** {@return whether an endpoint with these settings would have the same sockets, and the same group, as with {@code other}} */
    public boolean hasSocketsOf(UdpSettings other) {
        return port == other.port
                && sockets == other.sockets
                && maxDatagram == other.maxDatagram
                && io == other.io
                && hosts.equals(other.hosts)
                && buffers.equals(other.buffers)
                && group.equals(other.group)
                && multicast.hasSocketsOf(other.multicast);
    }

    private static HostPort preconfigured(Settings settings, String text) {
        try {
            var target = HostPort.parse(text);
            target.portNumber();
            if (!isForbidden(target.host())) {
                return target;
            }
        } catch (IllegalArgumentException _) {
            // Reported below.
        }
        throw settings.invalid(
                "preconfig-addresses",
                text,
                "host:port, port 1 to 65535, IPv6 in brackets; no multicast, broadcast or wildcard address");
    }

    private static boolean isForbidden(String host) {
        try {
            return TargetKinds.objection(InetAddress.ofLiteral(host)).isPresent();
        } catch (IllegalArgumentException _) {
            // A name is resolved at the start.
            return false;
        }
    }

    private static int buffer(Settings settings, String key, int fallback) {
        return (int) settings.size(key, fallback, SMALLEST_BUFFER, LARGEST_BUFFER);
    }
}
