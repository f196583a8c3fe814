package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.server.Setup;
import java.io.PrintStream;
import java.util.stream.Collectors;

/** Checks the configuration without binding anything. */
final class CheckCommand {
    private CheckCommand() {}

    static int run(Inputs inputs, Plugins plugins, boolean isStrict, PrintStream out) {
        try (var setup = Setup.of(inputs, plugins)) {
            setup.logNotices();
            setup.requireEndpoint();
            setup.load();
            var names = setup.endpoints().hosted().stream()
                    .map(HostedEndpoint::name)
                    .collect(Collectors.joining(", "));
            out.println("The configuration is right. It runs: " + names);
            return ExitCode.OK;
        }
    }
}
