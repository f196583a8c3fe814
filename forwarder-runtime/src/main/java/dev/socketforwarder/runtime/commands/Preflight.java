package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.runtime.commands.Holders.Holder;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.endpoints.Listening;
import dev.socketforwarder.runtime.server.Setup;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Warns of what a start would fail on or miss on this machine, as far as that can be seen without binding anything: addresses, rights,
 * ports of other programs, and names. A start finds out by itself, when it binds.
 *
 * @param hosted the endpoints that would run
 * @param system the root of the file system that tells about the kernel
 */
record Preflight(Configuration configuration, List<HostedEndpoint> hosted, Lookups lookups, Path system) {
    private static final Logger LOG = System.getLogger(Preflight.class.getName());
    private static final Duration LONGEST_LOOKUP = Duration.ofSeconds(3);
    private static final int LARGEST_FILE = 16_384;
    private static final int CAP_NET_BIND_SERVICE = 10;
    private static final Pattern CAPABILITIES = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]+)$");

    /** The last host in {@code host:port}, {@code group:host:port} or {@code group:host:*}, unless it is in brackets or a block. */
    private static final Pattern HOST = Pattern.compile("(?:.*:)?([^:/\\[\\]]+):[^:]*", Pattern.DOTALL);

    private record Named(SettingsView settings, String key, String value, String host) {}

    static Preflight of(Setup setup) {
        return new Preflight(
                setup.configuration(), setup.endpoints().hosted(), new Lookups("check-lookup"), Path.of("/"));
    }

    /** Look, and log what may go wrong. */
    void look() {
        var before = configuration.warnings();
        for (var listening : Listening.of(configuration, hosted)) {
            lookAtHost(listening);
            if (!lookAtRight(listening)) {
                lookAtHolder(listening);
            }
        }
        lookAtNames();
        configuration.warnings().stream()
                .filter(line -> !before.contains(line))
                .forEach(line -> LOG.log(Level.WARNING, line));
    }

    private void lookAtHost(Listening listening) {
        listening
                .literal()
                .filter(address -> !isOurs(address) && !mayBindOthers(address))
                .ifPresent(_ -> listening
                        .settings()
                        .warn(
                                listening.hostKey(),
                                listening.host(),
                                "an address that this machine does not have: " + listening.owner()
                                        + " could not start here"));
    }

    private static boolean isOurs(InetAddress address) {
        try {
            return address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || address.isMulticastAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException _) {
            return true; // nothing can be known
        }
    }

    private boolean mayBindOthers(InetAddress address) {
        var family = address.getAddress().length > 4 ? "ipv6" : "ipv4";
        return read("proc/sys/net/" + family + "/ip_nonlocal_bind")
                .map(String::strip)
                .equals(Optional.of("1"));
    }

    /** {@return whether this user lacks the right to bind the port} */
    private boolean lookAtRight(Listening listening) {
        int port = listening.port();
        long first = read("proc/sys/net/ipv4/ip_unprivileged_port_start")
                .map(text -> Values.number(text.strip()).orElse(0))
                .orElse(0L);
        boolean isForbidden = port > 0 && port < first && !mayBindAnyPort();
        if (isForbidden) {
            listening
                    .settings()
                    .warn(
                            Listening.PORT,
                            Integer.toString(port),
                            "a port that this user may not bind: use a port above " + (first - 1)
                                    + ", or grant CAP_NET_BIND_SERVICE");
        }
        return isForbidden;
    }

    private boolean mayBindAnyPort() {
        return read("proc/self/status")
                .map(CAPABILITIES::matcher)
                .filter(found -> found.find())
                .map(found -> (Long.parseUnsignedLong(found.group(1), 16) >> CAP_NET_BIND_SERVICE & 1) == 1)
                .orElse(true);
    }

    private Optional<String> read(String file) {
        // Not Files.readString(), which begins with one byte: a file of sysctl gives nothing to a second read.
        try (var in = Files.newInputStream(system.resolve(file))) {
            return Optional.of(new String(in.readNBytes(LARGEST_FILE), StandardCharsets.UTF_8));
        } catch (IOException _) {
            return Optional.empty(); // not Linux
        }
    }

    private void lookAtHolder(Listening listening) {
        if (listening.port() == 0 || listening.literal().isEmpty() || !Files.isReadable(Path.of("/proc/net/tcp"))) {
            return;
        }
        try {
            var holder = new KernelSockets()
                    .holder(listening.protocol(), listening.literal().get(), listening.port());
            if (holder == Holder.OTHERS) {
                listening
                        .settings()
                        .warn(
                                Listening.PORT,
                                Integer.toString(listening.port()),
                                "a port where another program listens now: " + listening.owner()
                                        + " could not start beside it");
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "The kernel does not tell who listens", e);
        }
    }

    private void lookAtNames() {
        var named = new ArrayList<Named>();
        for (var endpoint : hosted) {
            var prefix = Keys.ofEndpoint(endpoint.name(), "");
            for (var value : configuration.inForce()) {
                if (value.key().startsWith(prefix)) {
                    hostIn(value.key().substring(prefix.length()))
                            .ifPresent(host -> value.values()
                                    .forEach(text -> host.apply(text)
                                            .ifPresent(name -> named.add(named(value.key(), text, name)))));
                }
            }
        }
        var names = new LinkedHashSet<String>();
        named.forEach(each -> names.add(each.host()));
        var known = lookups.find(names, LONGEST_LOOKUP);
        for (var each : named) {
            if (!known.containsKey(each.host())) {
                each.settings()
                        .warn(
                                each.key(),
                                each.value(),
                                "but the name service does not know " + each.host() + ", or did not answer within "
                                        + Values.shown(LONGEST_LOOKUP));
            }
        }
    }

    private Named named(String key, String value, String host) {
        int end = key.lastIndexOf('.') + 1;
        return new Named(new SettingsView(configuration, key.substring(0, end)), key.substring(end), value, host);
    }

    /** {@return how to find the name in a value of this key; empty if the key is not about hosts} */
    private static Optional<Function<String, Optional<String>>> hostIn(String key) {
        if (key.equals("host-address")) {
            return Optional.of(host -> name(host));
        }
        boolean isServer = key.startsWith("connect.") && key.endsWith(".to");
        return isServer || key.equals("preconfig-addresses")
                ? Optional.of(Preflight::nameBeforePort)
                : Optional.empty();
    }

    /** {@return the host in such a text if it is a name} */
    static Optional<String> nameBeforePort(String text) {
        var host = HOST.matcher(text);
        return host.matches() ? name(host.group(1)) : Optional.empty();
    }

    private static Optional<String> name(String host) {
        return Optional.of(host).filter(each -> !Lookups.isAddress(each.replaceAll("^\\[|]$", "")));
    }
}
