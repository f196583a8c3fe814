package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.admin.AdminSettings;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.endpoints.Listening;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.server.Setup;
import dev.socketforwarder.runtime.text.Printable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Checks the configuration without binding anything, and tells what it would run. */
final class CheckCommand {
    private CheckCommand() {}

    /** Check; {@code isStrict} says whether warnings count as errors. */
    static int run(Inputs inputs, Plugins plugins, boolean isStrict, PrintStream out) {
        long before = Logging.warnings();
        try (var setup = Setup.of(inputs, plugins)) {
            setup.logNotices();
            setup.requireEndpoint();
            setup.load();
            setup.admin().ifPresent(AdminSettings::loadTls);
            Preflight.of(setup).look();
            Logging.drain(); // so that the warnings appear before what they are about
            long warnings = Logging.warnings() - before;
            var counted = warnings == 1 ? "1 warning" : warnings + " warnings";
            if (isStrict && warnings > 0) {
                out.println("The configuration has " + counted + ", which --strict does not accept.");
                return ExitCode.USAGE;
            }
            out.println("The configuration is right" + (warnings == 0 ? "" : ", with " + counted) + ". It runs:");
            rows(setup).forEach(out::println);
            return ExitCode.OK;
        }
    }

    /** {@return a line for each endpoint: its name, where it listens or connects to, and which groups it shares} */
    static List<String> rows(Setup setup) {
        var configuration = setup.configuration();
        var hosted = setup.endpoints().hosted();
        var places = new LinkedHashMap<String, List<String>>();
        hosted.forEach(each -> places.put(each.name(), new ArrayList<>()));
        for (var listening : Listening.of(configuration, hosted)) {
            var secured = isSecured(configuration, listening) ? " with TLS " : " ";
            places.computeIfAbsent(listening.owner(), _ -> new ArrayList<>())
                    .add(listening.protocol() + secured + listening.shown());
        }
        for (var each : hosted) {
            var of = places.get(each.name());
            values(configuration, Keys.ofEndpoint(each.name(), "path")).forEach(path -> of.add("at " + path));
            servers(configuration, each.name()).forEach(server -> of.add("connects to " + server));
            values(configuration, Keys.ofEndpoint(each.name(), "servers"))
                    .forEach(server -> of.add("connects to " + server));
            for (var key : List.of("groups", "prefix")) {
                var shown = String.join(" ", values(configuration, Keys.ofEndpoint(each.name(), key)));
                of.addAll(shown.isEmpty() ? List.of() : List.of(key + " " + shown));
            }
            if (of.isEmpty()) {
                of.add(each.transport().name());
            }
        }
        int width = places.keySet().stream().mapToInt(String::length).max().orElse(0);
        return places.entrySet().stream()
                .map(row ->
                        "  " + row.getKey() + " ".repeat(width - row.getKey().length()) + "  "
                                + Printable.line(String.join(", ", row.getValue())))
                .toList();
    }

    private static boolean isSecured(Configuration configuration, Listening listening) {
        var key = Keys.TLS + "." + Keys.TLS_CERTIFICATE;
        return listening.owner().equals(Keys.ADMIN)
                ? configuration.inForce(Keys.ADMIN + "." + key).isPresent()
                : configuration.inForce(Keys.ofEndpoint(listening.owner(), key)).isPresent();
    }

    private static List<String> servers(Configuration configuration, String endpoint) {
        var prefix = Keys.ofEndpoint(endpoint, "connect.");
        return configuration.inForce().stream()
                .filter(value -> value.key().startsWith(prefix)
                        && Keys.lastWord(value.key()).equals("to"))
                .flatMap(value -> value.values().stream())
                .toList();
    }

    private static List<String> values(Configuration configuration, String key) {
        return configuration.inForce(key).map(InForce::values).orElse(List.of());
    }
}
