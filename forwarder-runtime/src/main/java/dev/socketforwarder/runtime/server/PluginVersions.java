package dev.socketforwarder.runtime.server;

import dev.socketforwarder.runtime.plugins.PluginLayer;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** Keeps the versions of one plugin that endpoints run with, and removes the copied files of versions that no endpoint uses. */
final class PluginVersions {
    private static final String NEXT = ""; // cannot be the name of an endpoint

    private final Set<PluginLayer> versions = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<String, PluginLayer> used = new HashMap<>();

    PluginVersions(PluginLayer first) {
        useNext(first);
    }

    void add(PluginLayer version) {
        versions.add(version);
    }

    /** Note that an endpoint runs with this version. */
    void use(String endpoint, PluginLayer version) {
        add(version);
        used.put(endpoint, version);
    }

    /** Note that endpoints opened from now on run with this version. */
    void useNext(PluginLayer version) {
        use(NEXT, version);
    }

    /** {@return the version that endpoints opened next run with} */
    PluginLayer next() {
        return used.get(NEXT);
    }

    /** Note that an endpoint has stopped. */
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
