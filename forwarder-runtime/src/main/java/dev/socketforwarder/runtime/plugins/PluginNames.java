package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;

/** Reads from the manifests of a plugin's JARs which transports and policies it has, without running its code. */
public final class PluginNames {
    /** The attribute with the names, separated by commas. */
    public static final String ATTRIBUTE = "SocketForwarder-Names";

    private PluginNames() {}

    /** {@return the names that the JARs of these modules declare; empty if they declare none} */
    static Set<String> of(PluginSource source, List<ModuleReference> providers) {
        var names = new TreeSet<String>();
        for (var provider : providers) {
            try (var jar =
                    new JarFile(Path.of(provider.location().orElseThrow()).toFile())) {
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
        return names;
    }
}
