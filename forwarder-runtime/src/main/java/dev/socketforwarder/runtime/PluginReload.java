package dev.socketforwarder.runtime;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.Endpoints.Open;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * For development: looks every second whether a plugin's JARs have changed, loads it again, and opens its endpoints, and
 * those that one of its policies serves, again with it. What is broken leaves the old one as it is, as far as that was not stopped.
 */
final class PluginReload {
    private static final Logger LOG = System.getLogger(PluginReload.class.getName());
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final PluginOptions options;
    private final List<PluginSource> sources;
    private final Configuration configuration;
    private final Server server;
    private final Duration grace;
    /** By plugin, its JARs as they were when they were loaded; and as they were when looked at last. */
    private final Map<String, String> loaded = new HashMap<>();

    private final Map<String, String> seen = new HashMap<>();
    private EndpointContext.Shared shared;

    PluginReload(Prepared prepared, Server server) {
        this.options = prepared.pluginOptions();
        this.sources = prepared.sources();
        this.configuration = prepared.configuration();
        this.shared = prepared.shared();
        this.grace = prepared.options().gracePeriod();
        this.server = server;
        sources.forEach(source -> loaded.put(source.name(), state(source)));
        seen.putAll(loaded);
    }

    /** Begin, if it is asked for. */
    void start() {
        if (options.reload() && !sources.isEmpty()) {
            Thread.ofVirtual().name("plugin-reload").start(this::run);
        }
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                look();
            }
        } catch (InterruptedException _) {
            // Nobody interrupts it; it ends with the process.
        }
    }

    /** Look once, and load what has changed and has settled. */
    void look() {
        sources.forEach(this::look);
    }

    private void look(PluginSource source) {
        var now = state(source);
        // One that is being written changes again.
        boolean isSettled = now.equals(seen.put(source.name(), now));
        if (isSettled && !now.equals(loaded.put(source.name(), now))) {
            try {
                reload(source);
            } catch (PluginException | SettingException e) {
                LOG.log(Level.WARNING, e.getMessage() + "; the plugin that runs is kept");
            } catch (RuntimeException | Error e) {
                FatalErrors.rethrow(e);
                LOG.log(Level.WARNING, source.describe() + " cannot be loaded again; the one that runs is kept", e);
            }
        }
    }

    private static String state(PluginSource source) {
        var states = new TreeMap<Path, String>();
        try {
            for (var jar : source.jars()) {
                states.put(jar, Files.getLastModifiedTime(jar) + " " + Files.size(jar));
            }
        } catch (IOException | PluginException e) {
            return "unreadable";
        }
        return states.toString();
    }

    private void reload(PluginSource source) {
        var before = shared;
        var fresh = before.with(before.plugins().without(source.name()).with(PluginLayer.of(source, options)));
        var concerned = server.running().stream()
                .filter(open -> open.isServedBy(source.name()))
                .toList();
        // All are opened before any is stopped: what cannot even be opened changes nothing.
        var opened = concerned.stream()
                .map(open -> Endpoints.reopen(configuration, fresh, open))
                .toList();
        for (int i = 0; i < concerned.size(); i++) {
            try {
                server.replace(concerned.get(i), opened.get(i), grace);
            } catch (StartException e) {
                if (!server.isStopping()) {
                    goBack(source, opened, i, e);
                }
                return;
            }
        }
        if (server.isStopping()) {
            return;
        }
        shared = fresh;
        server.running().forEach(open -> open.context().adopt(fresh));
        LOG.log(
                Level.INFO,
                source.describe() + " was loaded again, for "
                        + (concerned.isEmpty() ? "no endpoint" : names(concerned)));
    }

    private static String names(List<Open> endpoints) {
        return String.join(", ", endpoints.stream().map(Open::name).toList());
    }

    /** One cannot start with what was loaded: it gets the old plugin again, and those after it keep that. */
    private void goBack(PluginSource source, List<Open> opened, int failed, StartException failure) {
        var open = opened.get(failed);
        var said = source.describe() + " was loaded again, but " + failure.getMessage();
        var others = (failed == 0 ? "" : "; with the new one: " + names(opened.subList(0, failed)))
                + (failed + 1 == opened.size()
                        ? ""
                        : "; still with the old one: " + names(opened.subList(failed + 1, opened.size())));
        try {
            server.add(Endpoints.reopen(configuration, shared, open));
            LOG.log(Level.WARNING, said + "; " + open.name() + " runs with the old one again" + others);
        } catch (StartException | RuntimeException e) {
            LOG.log(
                    Level.ERROR,
                    said + "; " + open.name() + " runs no more, since the old one does not start again: "
                            + e.getMessage() + others);
        }
        LOG.log(Level.DEBUG, "where it came from", failure);
    }
}
