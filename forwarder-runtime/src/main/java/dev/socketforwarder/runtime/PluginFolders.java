package dev.socketforwarder.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The plugins that stand in folders: finds them, and adds what they provide to what the image has. */
final class PluginFolders {
    private final PluginOptions options;
    private final Consumer<String> warnings;
    private final List<PluginLayer> layers = new ArrayList<>();

    /**
     * Find them and check their modules.
     *
     * @param warnings told of each that is left out
     * @throws PluginException if one is broken, unless such are to be left out
     */
    PluginFolders(PluginOptions options, Consumer<String> warnings) {
        this.options = options;
        this.warnings = warnings;
        for (var source : PluginSource.in(options)) {
            if (options.isEnabled(source.name())) {
                guarded(() -> layers.add(PluginLayer.of(source, options)));
            }
        }
    }

    boolean isEmpty() {
        return layers.isEmpty();
    }

    /** {@return where they are} */
    List<PluginSource> sources() {
        return layers.stream().map(PluginLayer::source).toList();
    }

    /**
     * {@return these and what the plugins provide, made now}
     *
     * @throws PluginException if one is broken, unless such are to be left out
     */
    Plugins addTo(Plugins others) {
        var all = new Plugins[] {others};
        for (var layer : layers) {
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
