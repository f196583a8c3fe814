package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.endpoints.Endpoints;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.server.Prepared;
import java.io.PrintStream;
import java.util.stream.Collectors;

/** Tells whether the configuration is right, and binds nothing. */
final class CheckCommand {
    private CheckCommand() {}

    static int run(Inputs inputs, Plugins plugins, PrintStream out) {
        try (var prepared = Prepared.of(inputs, plugins)) {
            prepared.logNotices();
            prepared.requireEndpoint();
            prepared.load();
            var names = prepared.endpoints().open().stream()
                    .map(Endpoints.Open::name)
                    .collect(Collectors.joining(", "));
            out.println("The configuration is right. It runs: " + names);
            return ExitCode.OK;
        }
    }
}
