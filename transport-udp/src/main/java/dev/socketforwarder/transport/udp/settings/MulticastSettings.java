package dev.socketforwarder.transport.udp.settings;

import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.HostPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The settings for multicast.
 *
 * @param groups groups to receive from
 * @param members groups that get what members get
 * @param ttl how many networks such datagrams may cross; 1 stays within the first
 * @param through the network interface for joining and sending; if empty, every capable one joins and the route decides
 *     which one sends
 */
public record MulticastSettings(List<InetAddress> groups, List<InetSocketAddress> members, int ttl, String through) {
    private static final String GROUPS = "multicast";
    private static final String MEMBERS = "multicast-members";

    public MulticastSettings {
        groups = List.copyOf(groups);
        members = List.copyOf(members);
    }

    /** {@return whether the settings depend on the network interfaces; otherwise the route decides everything} */
    public boolean needsInterfaces() {
        return !groups.isEmpty() || !members.isEmpty() && !through.isEmpty();
    }

    /** {@return whether sockets would receive from the same groups, and watch the same interfaces, as with {@code other}} */
    boolean hasSocketsOf(MulticastSettings other) {
        return groups.equals(other.groups)
                && through.equals(other.through)
                && needsInterfaces() == other.needsInterfaces();
    }

    static MulticastSettings read(Settings settings) {
        var groups = settings.list(GROUPS, List.of()).stream()
                .map(text -> group(settings, text))
                .distinct()
                .toList();
        var members = settings.list(MEMBERS, List.of()).stream()
                .map(text -> member(settings, text))
                .distinct()
                .toList();
        return new MulticastSettings(
                groups, members, settings.number("ttl", 1, 0, 255), settings.text("interface", ""));
    }

    private static InetAddress group(Settings settings, String text) {
        try {
            var group = InetAddress.ofLiteral(text);
            if (group.isMulticastAddress()) {
                return group;
            }
        } catch (IllegalArgumentException _) {
            // Reported below.
        }
        throw settings.invalid(GROUPS, text, "multicast addresses, as in 239.1.2.3 or ff05::1:2");
    }

    private static InetSocketAddress member(Settings settings, String text) {
        try {
            var target = HostPort.parse(text);
            var group = InetAddress.ofLiteral(target.host());
            if (group.isMulticastAddress()) {
                return new InetSocketAddress(group, target.portNumber());
            }
        } catch (IllegalArgumentException _) {
            // Reported below.
        }
        throw settings.invalid(
                MEMBERS, text, "multicast addresses with a port, as in 239.1.2.3:5000 or [ff05::1:2]:5000");
    }
}
