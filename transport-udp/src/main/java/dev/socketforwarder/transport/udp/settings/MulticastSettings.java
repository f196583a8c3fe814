package dev.socketforwarder.transport.udp.settings;

import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.HostPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What configuration says about multicast.
 *
 * @param groups what is sent to them is received
 * @param members groups that get what members get
 * @param ttl how many networks further that goes, 1: none
 * @param through the network interface that joins and sends; empty: each that can joins, and the route says which one sends
 */
public record MulticastSettings(List<InetAddress> groups, List<InetSocketAddress> members, int ttl, String through) {
    private static final String GROUPS = "multicast";
    private static final String MEMBERS = "multicast-members";

    public MulticastSettings {
        groups = List.copyOf(groups);
        members = List.copyOf(members);
    }

    /** {@return whether it depends on the network interfaces that there are; else the route says all} */
    public boolean needsInterfaces() {
        return !groups.isEmpty() || !members.isEmpty() && !through.isEmpty();
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
            // Said below.
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
            // Said below.
        }
        throw settings.invalid(
                MEMBERS, text, "multicast addresses with a port, as in 239.1.2.3:5000 or [ff05::1:2]:5000");
    }
}
