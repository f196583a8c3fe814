package dev.socketforwarder.runtime;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.Configuration.InForce;
import dev.socketforwarder.runtime.Endpoints.Open;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Asks the kernel whether all endpoints of this configuration listen; for the health check of a container. */
final class HealthCommand {
    private static final String EVERY_ADDRESS = "0.0.0.0";
    private static final String PATH = "path";

    private final Configuration configuration;
    private final KernelSockets sockets;
    private final List<String> problems = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();

    private HealthCommand(Configuration configuration, KernelSockets sockets) {
        this.configuration = configuration;
        this.sockets = sockets;
    }

    static int run(Inputs inputs, Plugins plugins, PrintStream out) {
        try (var prepared = Prepared.of(inputs, plugins)) {
            prepared.requireEndpoint();
            var health = new HealthCommand(prepared.configuration(), new KernelSockets());
            prepared.endpoints().open().forEach(health::look);
            var unknown = String.join("; ", health.unknown);
            if (health.problems.isEmpty()) {
                out.println("healthy" + (unknown.isEmpty() ? "" : ", as far as can be known: " + unknown));
                return ExitCode.OK;
            }
            out.println("unhealthy: " + String.join("; ", health.problems) + (unknown.isEmpty() ? "" : "; " + unknown));
            return ExitCode.FAILED;
        } catch (SettingException | UsageException | PluginException e) {
            // Docker knows 0 and 1 and reserves 2.
            out.println("unhealthy: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private void look(Open open) {
        var protocol = open.transport().service().protocol();
        var path = protocol == Protocol.OTHER ? setting(open, PATH) : List.<String>of();
        var port = setting(open, "port");
        if (!path.isEmpty()) {
            lookAtPath(open, path.getFirst());
        } else if (!port.isEmpty()) {
            lookAtPort(open, protocol, Integer.parseInt(port.getFirst()));
        } else if (protocol == Protocol.OTHER) {
            unknown.add("where " + open.name() + " listens is not told by a setting " + PATH + " or port");
        }
        // Else it listens nowhere.
    }

    /** {@return the values in force of an endpoint's setting; none if it is not there} */
    private List<String> setting(Open open, String key) {
        return configuration
                .inForce(Keys.ofEndpoint(open.name(), key))
                .map(InForce::values)
                .orElse(List.of());
    }

    private void lookAtPath(Open open, String path) {
        var where = open.name() + " is not listening at " + Printable.line(path);
        try {
            if (!sockets.isBound(Path.of(path))) {
                problems.add(where);
            }
        } catch (IOException | IllegalArgumentException e) {
            problems.add(where + ": " + Printable.line(e.toString()));
        }
    }

    private void lookAtPort(Open open, Protocol protocol, int port) {
        if (port == 0) {
            problems.add(open.name() + " has port 0, so nobody knows where it listens");
            return;
        }
        var hosts = setting(open, "host-address");
        for (var host : hosts.isEmpty() ? List.of(EVERY_ADDRESS) : hosts) {
            var where = open.name() + " is not listening on " + Printable.line(host) + ", port " + port;
            try {
                if (!isBound(protocol, host, port)) {
                    problems.add(where);
                }
            } catch (IOException e) {
                problems.add(where + ": " + Printable.line(e.toString()));
            }
        }
    }

    private boolean isBound(Protocol protocol, String host, int port) throws IOException {
        // One of its own may be over either.
        var possible = protocol == Protocol.OTHER ? List.of(Protocol.TCP, Protocol.UDP) : List.of(protocol);
        for (var address : InetAddress.getAllByName(host)) {
            for (var each : possible) {
                if (sockets.isBound(each, address, port)) {
                    return true;
                }
            }
        }
        return false;
    }
}
