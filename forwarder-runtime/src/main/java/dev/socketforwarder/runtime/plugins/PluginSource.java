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
 * Where a plugin is: a single JAR, or a folder with its JAR and those that it needs.
 *
 * @param name the JAR's or the folder's, without an ending
 */
public record PluginSource(String name, Path location) {
    private static final String JAR = ".jar";

    /** {@return the one at this place} */
    public static PluginSource of(Path location) {
        var file = String.valueOf(location.toAbsolutePath().normalize().getFileName());
        boolean isJar = file.endsWith(JAR) && !Files.isDirectory(location);
        return new PluginSource(isJar ? file.substring(0, file.length() - JAR.length()) : file, location);
    }

    /**
     * Look for plugins in folders. What is neither a folder nor a JAR, or hidden, is none.
     *
     * @return them in the order of their names
     * @throws PluginException if a folder cannot be read, or two plugins have one name
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
                        .invalid(
                                "enabled",
                                name,
                                "names of plugins that are there: " + String.join(", ", found.keySet()));
            }
        }
        return List.copyOf(found.values());
    }

    private static List<Path> entries(Path folder, PluginOptions options) {
        if (!Files.isDirectory(folder)) {
            if (Files.notExists(folder) && !options.isPathSet()) {
                return List.of(); // the image's own, which somebody has removed
            }
            throw options.settings().invalid("path", folder.toString(), "a folder that is there");
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
     * {@return its JARs; those of a folder stand in it, not deeper}
     *
     * @throws PluginException if there are none
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

    /** {@return how messages name it} */
    public String describe() {
        return "plugin " + Printable.quoted(name) + " (" + Printable.line(location.toString()) + ")";
    }

    /** {@return the exception that says in one line what is wrong with it} */
    PluginException problem(String what) {
        return new PluginException(describe() + ": " + what);
    }
}
