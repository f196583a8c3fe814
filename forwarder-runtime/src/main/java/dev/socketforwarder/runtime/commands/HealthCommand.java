package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.commands.Holders.Holder;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.server.Setup;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Asks the kernel whether this program listens for all configured endpoints. For the health check of a container. */
final class HealthCommand {
    private static final String EVERY_ADDRESS = "0.0.0.0";
    private static final String PATH = "path";
    private static final int LAST_PORT = 65_535;

    /** Asks the kernel who holds one address. */
    @FunctionalInterface
    private interface Look {
        Holder holder() throws IOException;
    }

    private final Configuration configuration;
    private final KernelSockets sockets;
    private final List<String> problems = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();

    private HealthCommand(Configuration configuration, KernelSockets sockets) {
        this.configuration = configuration;
        this.sockets = sockets;
    }

    static int run(Inputs inputs, Plugins plugins, PrintStream out) {
        try (var setup = Setup.of(inputs, plugins)) {
            setup.requireEndpoint();
            var health = new HealthCommand(setup.configuration(), new KernelSockets());
            setup.endpoints().hosted().forEach(health::look);
            var unknown = String.join("; ", health.unknown);
            if (health.problems.isEmpty()) {
                out.println("healthy" + (unknown.isEmpty() ? "" : ", as far as can be known: " + unknown));
                return ExitCode.OK;
            }
            out.println("unhealthy: " + String.join("; ", health.problems) + (unknown.isEmpty() ? "" : "; " + unknown));
            return ExitCode.FAILED;
        } catch (SettingException | UsageException | PluginException e) {
            // Docker defines the exit codes 0 and 1, and reserves 2.
            out.println("unhealthy: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private void look(HostedEndpoint hosted) {
        var protocol = hosted.transport().service().protocol();
        var path = protocol == Protocol.OTHER ? setting(hosted, PATH) : List.<String>of();
        var port = setting(hosted, "port");
        if (!path.isEmpty()) {
            lookAtPath(hosted, path.getFirst());
        } else if (!port.isEmpty()) {
            lookAtPort(hosted, protocol, port.getFirst());
        } else if (protocol == Protocol.OTHER) {
            unknown.add(hosted.name() + " has no setting " + PATH + " or port, so its address is unknown");
        }
        // An endpoint that does not listen has nothing to check.
    }

    /** {@return the values in force of an endpoint's setting; none if the setting does not exist} */
    private List<String> setting(HostedEndpoint hosted, String key) {
        return configuration
                .inForce(Keys.ofEndpoint(hosted.name(), key))
                .map(InForce::values)
                .orElse(List.of());
    }

    private void lookAtPath(HostedEndpoint hosted, String path) {
        look(hosted, "at " + Printable.line(path), () -> sockets.holder(Path.of(path)));
    }

    private void lookAtPort(HostedEndpoint hosted, Protocol protocol, String text) {
        // A plugin may give its setting "port" any meaning.
        long port = Values.number(text).orElse(-1);
        if (port < 0 || port > LAST_PORT) {
            unknown.add("the port " + Printable.quoted(text) + " of " + hosted.name()
                    + " is not a port number, so its address is unknown");
            return;
        }
        if (port == 0) {
            problems.add(hosted.name() + " has port 0, so its real port is unknown");
            return;
        }
        var hosts = setting(hosted, "host-address");
        for (var host : hosts.isEmpty() ? List.of(EVERY_ADDRESS) : hosts) {
            look(hosted, "on " + Printable.line(host) + ", port " + port, () -> holder(protocol, host, (int) port));
        }
    }

    private void look(HostedEndpoint hosted, String where, Look look) {
        try {
            switch (look.holder()) {
                case OURS -> {
                    // The endpoint is healthy.
                }
                case UNKNOWN -> unknown.add("this user cannot see which program listens " + where);
                case NOBODY -> problems.add(hosted.name() + " is not listening " + where);
                case OTHERS -> problems.add(hosted.name() + " is not listening " + where + ": another program is");
            }
        } catch (IOException | IllegalArgumentException e) {
            problems.add(hosted.name() + " is not listening " + where + ": " + Printable.line(e.toString()));
        }
    }

    private Holder holder(Protocol protocol, String host, int port) throws IOException {
        // A protocol of a plugin's own may use TCP or UDP.
        var possible = protocol == Protocol.OTHER ? List.of(Protocol.TCP, Protocol.UDP) : List.of(protocol);
        var found = Holder.NOBODY;
        for (var address : InetAddress.getAllByName(host)) {
            for (var each : possible) {
                var holder = sockets.holder(each, address, port);
                if (holder == Holder.OURS) {
                    return holder;
                }
                found = found == Holder.NOBODY ? holder : found;
            }
        }
        return found;
    }
}
