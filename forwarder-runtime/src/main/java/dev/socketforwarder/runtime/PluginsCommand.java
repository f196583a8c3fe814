package dev.socketforwarder.runtime;

import java.io.PrintStream;
import java.util.Collection;

/** Lists the transports and handshake policies that there are. */
final class PluginsCommand {
    private PluginsCommand() {}

    static int run(Plugins plugins, PrintStream out) {
        print("transports", plugins.transports().values(), out);
        print("handshake policies", plugins.policies().values(), out);
        return ExitCode.OK;
    }

    private static <S> void print(String kind, Collection<Plugin<S>> plugins, PrintStream out) {
        out.println(kind + ":");
        if (plugins.isEmpty()) {
            out.println("  none");
        }
        for (var plugin : plugins) {
            var version = plugin.version().isEmpty() ? "" : " " + plugin.version();
            out.println("  " + plugin.name() + "  " + plugin.module() + version + "  " + plugin.location());
        }
    }
}
