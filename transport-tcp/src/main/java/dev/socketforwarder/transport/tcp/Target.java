package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.HostPort;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A server that an endpoint connects to: an element of the setting {@code connect}.
 *
 * @param group {@code group}: of which it is a member
 * @param host {@code to}: a name or an address
 * @param port {@code to}: behind the last colon
 * @param send {@code send}: what it is sent first, as it stands; may be empty
 */
record Target(GroupId group, String host, int port, String send) {
    private static final String KEY = "connect";
    private static final String GROUP = "group";
    private static final String TO = "to";
    private static final String HIDDEN = "********";

    static List<Target> read(Settings settings) {
        var targets = new ArrayList<Target>();
        var seen = new HashSet<List<Object>>();
        for (var section : settings.sections(KEY)) {
            var target = readOne(section);
            // It would get from one connection what it sends by the other.
            if (!seen.add(List.of(target.group, target.host, target.port))) {
                throw section.invalid(TO, target.toString(), "a server that is in this group only once");
            }
            targets.add(target);
        }
        return List.copyOf(targets);
    }

    private static Target readOne(Settings section) {
        var group = section.text(GROUP, "");
        if (!GroupId.isValid(group)) {
            throw section.invalid(GROUP, group, "a group id: 1 to 256 bytes of UTF-8 without control characters");
        }
        var to = section.text(TO, "");
        var send = section.text("send", "");
        try {
            var server = HostPort.parse(to);
            int port = server.portNumber();
            if (isHost(server.host())) {
                return new Target(GroupId.of(group), server.host(), port, send);
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        // What stands there instead may hold a secret: a first message with its token, or a URL.
        var allowed = "host:port, where host is a name, an address or [an IPv6 address], and port is 1 to 65535";
        throw section.invalid(TO, to.isEmpty() ? to : HIDDEN, allowed);
    }

    /** {@return whether it is an address, or could be a name} */
    private static boolean isHost(String host) {
        if (host.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '.' || c == '-' || c == '_')) {
            return true;
        }
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** {@return what it is sent first; may be empty} */
    ByteBuffer greeting() {
        return StandardCharsets.UTF_8.encode(send);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
