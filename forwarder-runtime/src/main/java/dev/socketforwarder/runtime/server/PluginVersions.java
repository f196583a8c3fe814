package dev.socketforwarder.runtime.server;

import dev.socketforwarder.runtime.plugins.PluginLayer;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** The versions of one plugin, of which each endpoint runs with one: what was copied for those that nobody uses is removed. */
final class PluginVersions {
    private static final String NEXT = ""; // no endpoint's name

    private final Set<PluginLayer> versions = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<String, PluginLayer> used = new HashMap<>();

    PluginVersions(PluginLayer first) {
        useNext(first);
    }

    void add(PluginLayer version) {
        versions.add(version);
    }

    /** An endpoint runs with it. */
    void use(String endpoint, PluginLayer version) {
        add(version);
        used.put(endpoint, version);
    }

    /** Whoever is opened next runs with it. */
    void useNext(PluginLayer version) {
        use(NEXT, version);
    }

    /** {@return what whoever is opened next runs with} */
    PluginLayer next() {
        return used.get(NEXT);
    }

    /** An endpoint runs no more. */
    void forget(String endpoint) {
        used.remove(endpoint);
    }

    void releaseUnused() {
        versions.removeIf(version -> {
            if (used.containsValue(version)) {
                return false;
            }
            version.release();
            return true;
        });
    }
}
