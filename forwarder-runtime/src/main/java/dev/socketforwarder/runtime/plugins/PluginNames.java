package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;

/**
 * Which transports and policies a plugin has, as the manifests of its JARs say. Nothing but the manifests is read for it.
 *
 * @param all the names; empty if the manifests declare nothing
 */
public record PluginNames(Set<String> all) {
    /** The attribute with the names, separated by commas. */
    public static final String ATTRIBUTE = "SocketForwarder-Names";

    /**
     * {@return the names that these JARs of a plugin declare}
     *
     * @throws PluginException if a manifest cannot be read
     */
    static PluginNames of(PluginSource source, List<Path> jars) {
        var names = new TreeSet<String>();
        for (var each : jars) {
            try (var jar = new JarFile(each.toFile())) {
                var manifest = jar.getManifest();
                var list =
                        manifest == null ? null : manifest.getMainAttributes().getValue(ATTRIBUTE);
                if (list != null) {
                    Arrays.stream(list.split(",")).map(String::strip).forEach(names::add);
                }
            } catch (IOException e) {
                throw source.problem("its manifest cannot be read: " + Printable.line(e.toString()));
            }
        }
        return new PluginNames(names);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /**
     * {@return whether the plugin has what is asked for}
     *
     * @param asked the name of a transport or policy, or a key that begins with one
     */
    boolean declare(String asked) {
        return all.stream().anyMatch(name -> asked.equals(name) || asked.startsWith(name + "-"));
    }
}
