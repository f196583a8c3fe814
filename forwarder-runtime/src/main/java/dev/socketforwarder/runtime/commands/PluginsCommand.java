package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.plugins.Plugin;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.PluginFolders;
import dev.socketforwarder.runtime.plugins.PluginLayer;
import dev.socketforwarder.runtime.plugins.PluginOptions;
import dev.socketforwarder.runtime.plugins.PluginSource;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.text.Printable;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Lists the installed transports and handshake policies, or verifies a single plugin. */
final class PluginsCommand {
    private PluginsCommand() {}

    /** List all transports and policies, including those of plugin folders, and the errors of broken plugins. */
    static int run(Inputs inputs, Plugins image, PrintStream out) {
        var options = options(inputs, image);
        var problems = new ArrayList<String>();
        var folders = new PluginFolders(options.skipping(), problems::add);
        var plugins = folders.addTo(image);
        print("transports", plugins.transports().values(), out);
        print("handshake policies", plugins.policies().values(), out);
        if (problems.isEmpty()) {
            return ExitCode.OK;
        }
        out.println("broken:");
        problems.forEach(problem -> out.println("  " + problem));
        return options.onError() == PluginOptions.OnError.SKIP ? ExitCode.OK : ExitCode.USAGE;
    }

    /**
     * Load one plugin as the server would, without opening an endpoint, and print what it provides.
     *
     * @throws PluginException if the plugin is broken
     */
    static int verify(String path, Inputs inputs, Plugins image, PrintStream out) {
        var source = PluginSource.of(path(path));
        var layer = PluginLayer.of(source, options(inputs, image));
        var all = image.with(layer);
        out.println(source.describe() + " is valid. It provides:");
        print("transports", ofPlugin(source, all.transports().values()), out);
        print("handshake policies", ofPlugin(source, all.policies().values()), out);
        return ExitCode.OK;
    }

    /** {@return the providers of one plugin, which have been made already: each provider is made once} */
    private static <S> List<Plugin<S>> ofPlugin(PluginSource source, Collection<Plugin<S>> all) {
        return all.stream()
                .filter(plugin -> plugin.plugin().equals(source.name()))
                .toList();
    }

    private static PluginOptions options(Inputs inputs, Plugins image) {
        var configuration =
                new Configuration(inputs.load(image.transports().keySet()).sources());
        return PluginOptions.read(configuration.topLevel().section(Keys.PLUGINS));
    }

    private static Path path(String text) {
        try {
            var path = Path.of(text);
            if (Files.exists(path)) {
                return path;
            }
        } catch (InvalidPathException _) {
            // The exception below reports this.
        }
        throw new UsageException(
                "--verify " + Printable.quoted(text) + " does not exist; give the path of a JAR or a folder");
    }

    private static <S> void print(String kind, Collection<Plugin<S>> plugins, PrintStream out) {
        out.println(kind + ":");
        if (plugins.isEmpty()) {
            out.println("  none");
        }
        for (var plugin : plugins) {
            var version = plugin.version().isEmpty() ? "" : " " + plugin.version();
            out.println(
                    "  " + plugin.name() + "  " + plugin.module() + version + "  " + Printable.line(plugin.location()));
        }
    }
}
