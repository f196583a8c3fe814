package dev.socketforwarder.runtime.plugins;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Finds the plugins in folders, and adds the services that they provide to those of the image. Plugins that are a part of the image
 * are not even looked at as long as the configuration needs none of them, so that they cost no start any time.
 */
public final class PluginFolders {
    private final PluginOptions options;
    private final Consumer<String> warnings;
    private final List<PluginLayer> layers = new ArrayList<>();
    private final List<String> unasked = new ArrayList<>();

    /**
     * Find the plugins and check their modules.
     *
     * @param warnings receives a line for each plugin that is left out
     * @throws PluginException if a plugin is broken, unless the options skip broken plugins
     */
    public PluginFolders(PluginOptions options, Consumer<String> warnings) {
        this.options = options;
        this.warnings = warnings;
        for (var source : PluginSource.in(options)) {
            if (options.isEnabled(source.name())) {
                guarded(() -> layers.add(PluginLayer.of(source, options)));
            }
        }
    }

    /** {@return all plugins that were found} */
    public List<PluginLayer> layers() {
        return List.copyOf(layers);
    }

    /**
     * {@return the given services and those of all plugins, which are made now, also of those that are a part of the image}
     *
     * @throws PluginException if a plugin is broken, unless the options skip broken plugins
     */
    public Plugins addTo(Plugins others) {
        var all = new ArrayList<>(layers);
        all.addAll(shipped(_ -> true));
        return addTo(others, all);
    }

    /**
     * {@return the given services and those of the requested plugins, which are made now} A plugin is requested if its
     * manifest declares a requested name. A plugin that declares nothing is requested if some requested name is
     * declared by no plugin. A plugin of the image is requested if it declares a requested name that no other plugin declares.
     *
     * @param asked names of transports and policies, and keys that begin with such a name
     * @throws PluginException if a plugin is broken, unless the options skip broken plugins
     */
    public Plugins addTo(Plugins others, Set<String> asked) {
        var left = new HashSet<>(asked);
        layers.forEach(layer -> left.removeIf(layer.names()::declare));
        var wanted = new ArrayList<PluginLayer>();
        for (var layer : layers) {
            var names = layer.names();
            if (names.isEmpty() ? !left.isEmpty() : asked.stream().anyMatch(names::declare)) {
                wanted.add(layer);
            } else {
                unasked.add(layer.unasked());
            }
        }
        if (!left.isEmpty()) {
            wanted.addAll(shipped(names -> left.stream().anyMatch(names::declare)));
        }
        return addTo(others, wanted);
    }

    /** {@return those plugins of the image that have such names; the modules of the others are not read} */
    private List<PluginLayer> shipped(Predicate<PluginNames> wanted) {
        var found = new ArrayList<PluginLayer>();
        for (var source : PluginSource.shipped(options)) {
            guarded(() -> {
                if (wanted.test(PluginNames.of(source, source.jars()))) {
                    found.add(PluginLayer.of(source, options.forShipped()));
                }
            });
        }
        return found;
    }

    /** {@return one line for each plugin that was not requested} */
    public List<String> unasked() {
        return List.copyOf(unasked);
    }

    private Plugins addTo(Plugins others, List<PluginLayer> wanted) {
        var all = new Plugins[] {others};
        for (var layer : wanted) {
            guarded(() -> all[0] = all[0].with(layer));
        }
        return all[0];
    }

    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (PluginException e) {
            if (options.onError() == PluginOptions.OnError.FAIL) {
                throw e;
            }
            warnings.accept(e.getMessage() + "; it is left out");
        }
    }
}
