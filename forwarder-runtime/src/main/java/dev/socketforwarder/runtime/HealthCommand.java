package dev.socketforwarder.runtime;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.Configuration.InForce;
import dev.socketforwarder.runtime.Endpoints.Open;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Asks the kernel whether all endpoints of this configuration listen; for the health check of a container. */
final class HealthCommand {
    private static final String EVERY_ADDRESS = "0.0.0.0";

    private HealthCommand() {}

    static int run(Inputs inputs, Plugins plugins, PrintStream out) {
        try (var prepared = Prepared.of(inputs, plugins)) {
            prepared.requireEndpoint();
            var problems = problems(prepared, new KernelSockets());
            if (problems.isEmpty()) {
                out.println("healthy");
                return ExitCode.OK;
            }
            out.println("unhealthy: " + String.join("; ", problems));
            return ExitCode.FAILED;
        } catch (SettingException | UsageException | PluginException e) {
            // Docker knows 0 and 1 and reserves 2.
            out.println("unhealthy: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    static List<String> problems(Prepared prepared, KernelSockets sockets) {
        var problems = new ArrayList<String>();
        for (var open : prepared.endpoints().open()) {
            if (open.transport().service().protocol() == Protocol.OTHER) {
                continue; // the kernel's tables of ports do not have it
            }
            var port = prepared.configuration().inForce(Keys.ofEndpoint(open.name(), "port"));
            if (port.isEmpty()) {
                continue; // it listens nowhere
            }
            int number = Integer.parseInt(port.get().values().getFirst());
            if (number == 0) {
                problems.add(open.name() + " has port 0, so nobody knows where it listens");
                continue;
            }
            var hosts = prepared.configuration()
                    .inForce(Keys.ofEndpoint(open.name(), "host-address"))
                    .map(InForce::values)
                    .orElse(List.of(EVERY_ADDRESS));
            for (var host : hosts) {
                problems.addAll(problem(open, host, number, sockets));
            }
        }
        return problems;
    }

    private static List<String> problem(Open open, String host, int port, KernelSockets sockets) {
        var where = open.name() + " is not listening on " + Printable.line(host) + ", port " + port;
        try {
            for (var address : InetAddress.getAllByName(host)) {
                if (sockets.isBound(open.transport().service().protocol(), address, port)) {
                    return List.of();
                }
            }
            return List.of(where);
        } catch (IOException e) {
            return List.of(where + ": " + Printable.line(e.toString()));
        }
    }
}
