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

/** Lists the transports and handshake policies that there are, or tells whether a plugin is one. */
final class PluginsCommand {
    private PluginsCommand() {}

    /** List all, those of folders too, and what is wrong with others. */
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
     * Load one as the server would, open nothing, and tell what it has.
     *
     * @throws PluginException if it is broken
     */
    static int verify(String path, Inputs inputs, Plugins image, PrintStream out) {
        var source = PluginSource.of(path(path));
        var layer = PluginLayer.of(source, options(inputs, image));
        var all = image.with(layer);
        out.println(source.describe() + " is right. It provides:");
        print("transports", ofPlugin(source, all.transports().values()), out);
        print("handshake policies", ofPlugin(source, all.policies().values()), out);
        return ExitCode.OK;
    }

    /** {@return those of one plugin, made already: each provider is made once} */
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
            // Said below.
        }
        throw new UsageException(
                "--verify " + Printable.quoted(text) + " is not there; give the path of a JAR or a folder");
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
