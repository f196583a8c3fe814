package dev.socketforwarder.runtime.plugins;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The plugins that stand in folders: finds them, and adds what they provide to what the image has. */
public final class PluginFolders {
    private final PluginOptions options;
    private final Consumer<String> warnings;
    private final List<PluginLayer> layers = new ArrayList<>();
    private final List<String> unasked = new ArrayList<>();

    /**
     * Find them and check their modules.
     *
     * @param warnings told of each that is left out
     * @throws PluginException if one is broken, unless such are to be left out
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

    public boolean isEmpty() {
        return layers.isEmpty();
    }

    /** {@return all that are there} */
    public List<PluginLayer> layers() {
        return List.copyOf(layers);
    }

    /**
     * {@return these and what the plugins provide, made now}
     *
     * @throws PluginException if one is broken, unless such are to be left out
     */
    public Plugins addTo(Plugins others) {
        return addTo(others, layers);
    }

    /**
     * {@return these and what the plugins provide that are asked for, made now: those that say in their manifests that they
     * have one of the names, and those that say nothing if a name is left}
     *
     * @param asked names of transports and policies, and keys that begin with such a name
     * @throws PluginException if one is broken, unless such are to be left out
     */
    public Plugins addTo(Plugins others, Set<String> asked) {
        var left = new HashSet<>(asked);
        layers.forEach(layer -> left.removeIf(layer::declares));
        var wanted = new ArrayList<PluginLayer>();
        for (var layer : layers) {
            if (layer.isDeclared() ? asked.stream().anyMatch(layer::declares) : !left.isEmpty()) {
                wanted.add(layer);
            } else {
                unasked.add(layer.unasked());
            }
        }
        return addTo(others, wanted);
    }

    /** {@return one line for each that nobody has asked for} */
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
