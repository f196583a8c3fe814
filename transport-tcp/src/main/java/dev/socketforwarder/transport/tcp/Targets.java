package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.HostPort;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Reads the servers that an endpoint connects to: the settings {@code connect} and {@code connect-timeout}. */
final class Targets {
    private static final String KEY = "connect";
    private static final String GROUP = "group";
    private static final String TO = "to";
    private static final String HIDDEN = "********";
    private static final Duration LONGEST = Duration.ofHours(1);

    private Targets() {}

    static List<Target> read(TransportContext context) {
        var settings = context.settings();
        var timeout = settings.duration("connect-timeout", Duration.ofSeconds(10), Duration.ofMillis(10), LONGEST);
        var targets = new ArrayList<Target>();
        var seen = new HashSet<List<Object>>();
        for (var section : settings.sections(KEY)) {
            var target = readOne(context, section, timeout);
            // The server would get from one connection what it sends over the other.
            if (!seen.add(List.of(target.group(), target.host(), target.port()))) {
                throw section.invalid(TO, target.toString(), "a server that no other element names for this group");
            }
            targets.add(target);
        }
        return List.copyOf(targets);
    }

    private static Target readOne(TransportContext context, Settings section, Duration timeout) {
        var group = section.text(GROUP, "");
        if (!GroupId.isValid(group)) {
            throw section.invalid(GROUP, group, "a group id: 1 to 256 bytes of UTF-8 without control characters");
        }
        var server = server(section);
        var greeting = StandardCharsets.UTF_8.encode(section.text("send", ""));
        var tls = context.tlsTo(section, server.host());
        return new Target(GroupId.of(group), server.host(), server.portNumber(), greeting, timeout, tls);
    }

    /** {@return a host that is an address or could be a name, and a port that is one} */
    private static HostPort server(Settings section) {
        var to = section.text(TO, "");
        try {
            var server = HostPort.parse(to);
            server.portNumber();
            if (isHost(server.host())) {
                return server;
            }
        } catch (IllegalArgumentException _) {
            // Reported below.
        }
        // The text may hold a secret, such as a first message with its token, or a URL.
        var allowed = "host:port, where host is a name, an address or [an IPv6 address], and port is 1 to 65535";
        throw section.invalid(TO, to.isEmpty() ? to : HIDDEN, allowed);
    }

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
}
