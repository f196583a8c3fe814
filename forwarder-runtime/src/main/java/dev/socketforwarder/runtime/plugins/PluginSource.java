package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The place of a plugin: a single JAR, or a folder with its JAR and its libraries.
 *
 * @param name the name of the JAR or folder, without its ending
 */
public record PluginSource(String name, Path location) {
    private static final String JAR = ".jar";

    /** {@return the plugin at this place} */
    public static PluginSource of(Path location) {
        var file = String.valueOf(location.toAbsolutePath().normalize().getFileName());
        boolean isJar = file.endsWith(JAR) && !Files.isDirectory(location);
        return new PluginSource(isJar ? file.substring(0, file.length() - JAR.length()) : file, location);
    }

    /**
     * Find the plugins in the configured folders. Hidden entries, and files other than JARs, are no plugins.
     *
     * @return the plugins in the order of their names
     * @throws PluginException if a folder cannot be read, or two plugins have the same name
     */
    static List<PluginSource> in(PluginOptions options) {
        var found = new TreeMap<String, PluginSource>();
        for (var folder : options.paths()) {
            for (var entry : entries(folder, options)) {
                var source = of(entry);
                var other = found.putIfAbsent(source.name(), source);
                if (other != null) {
                    throw new PluginException("two plugins are named " + Printable.quoted(source.name()) + ": "
                            + Printable.line(other.location().toString()) + " and "
                            + Printable.line(entry.toString()) + "; rename or remove one of them");
                }
            }
        }
        for (var name : options.enabled()) {
            if (!name.equals(PluginOptions.ALL) && !found.containsKey(name)) {
                throw options.settings()
                        .invalid("enabled", name, "names of existing plugins: " + String.join(", ", found.keySet()));
            }
        }
        return List.copyOf(found.values());
    }

    /** {@return the plugins that are a part of the image, in the order of their names} */
    static List<PluginSource> shipped(PluginOptions options) {
        return options.shipped().filter(Files::isDirectory).stream()
                .flatMap(folder -> list(folder, Printable.line(folder.toString())).stream())
                .map(PluginSource::of)
                .toList();
    }

    private static List<Path> entries(Path folder, PluginOptions options) {
        if (!Files.isDirectory(folder)) {
            if (Files.notExists(folder) && !options.isPathSet()) {
                return List.of(); // the user has removed the image's own folder
            }
            throw options.settings().invalid("path", folder.toString(), "an existing folder");
        }
        return list(folder, "plugins.path " + Printable.line(folder.toString()));
    }

    private static List<Path> list(Path folder, String what) {
        var entries = new ArrayList<Path>();
        try (var all = Files.newDirectoryStream(folder)) {
            for (var entry : all) {
                var name = entry.getFileName().toString();
                if (!name.startsWith(".") && (name.endsWith(JAR) || Files.isDirectory(entry))) {
                    entries.add(entry);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new PluginException(what + " cannot be read: " + Printable.line(e.toString()));
        }
        entries.sort(null);
        return entries;
    }

    /**
     * {@return the plugin's JARs; subfolders are not searched}
     *
     * @throws PluginException if there is no JAR
     */
    public List<Path> jars() {
        if (!Files.isDirectory(location)) {
            return List.of(location);
        }
        var jars = list(location, describe()).stream()
                .filter(path -> path.toString().endsWith(JAR))
                .toList();
        if (jars.isEmpty()) {
            throw problem("there is no JAR in it; put the plugin's there, or remove the folder");
        }
        return jars;
    }

    /** {@return the plugin as messages show it} */
    public String describe() {
        return "plugin " + Printable.quoted(name) + " (" + Printable.line(location.toString()) + ")";
    }

    /** {@return an exception that says in one line what is wrong with the plugin} */
    PluginException problem(String what) {
        return new PluginException(describe() + ": " + what);
    }
}
