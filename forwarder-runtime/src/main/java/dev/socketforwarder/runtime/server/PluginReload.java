package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.endpoints.EndpointContext;
import dev.socketforwarder.runtime.endpoints.Endpoints;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.PluginLayer;
import dev.socketforwarder.runtime.plugins.PluginOptions;
import dev.socketforwarder.runtime.plugins.PluginSource;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * For development: looks every second whether the JARs of a plugin have changed. If so, the plugin is loaded again, and its
 * endpoints, and those that one of its policies serves, are opened again. A plugin that is broken leaves the old one in place, unless
 * the old one was stopped already.
 */
public final class PluginReload {
    private static final Logger LOG = System.getLogger(PluginReload.class.getName());
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final PluginOptions options;
    private final Map<PluginSource, PluginVersions> plugins = new LinkedHashMap<>();
    private final Current current;
    private final Server server;
    /** The state of each plugin's JARs when they were loaded; the next map has it as it was seen last. */
    private final Map<String, String> loaded = new HashMap<>();

    private final Map<String, String> seen = new HashMap<>();

    public PluginReload(Setup setup, Current current, Server server) {
        this.options = setup.pluginOptions();
        this.current = current;
        this.server = server;
        for (var layer : setup.layers()) {
            var source = layer.source();
            // A plugin that no endpoint asks for is not loaded, whether it changed or not.
            if (current.shared().plugins().isFrom(source.name())) {
                var versions = new PluginVersions(layer);
                server.running().stream()
                        .filter(hosted -> hosted.isServedBy(source.name()))
                        .forEach(hosted -> versions.use(hosted.name(), layer));
                plugins.put(source, versions);
                loaded.put(source.name(), state(source));
            }
        }
        seen.putAll(loaded);
    }

    /** Begin, if the setting {@code plugins.reload} is on. */
    public void start() {
        if (options.reload() && !plugins.isEmpty()) {
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
            // Nobody interrupts this thread, which ends with the process.
        }
    }

    /** Look once, and load each plugin that has changed and whose JARs are complete. */
    void look() {
        synchronized (current) { // neither during a reload of the configuration
            plugins.forEach(this::look);
        }
    }

    private void look(PluginSource source, PluginVersions versions) {
        var now = state(source);
        // A JAR that is still being written changes again.
        boolean isSettled = now.equals(seen.put(source.name(), now));
        if (isSettled && !now.equals(loaded.put(source.name(), now))) {
            try {
                reload(source, versions);
            } catch (PluginException | SettingException e) {
                LOG.log(Level.WARNING, e.getMessage() + "; the plugin that runs is kept");
            } catch (RuntimeException | Error e) {
                Fatal.rethrow(e);
                LOG.log(Level.WARNING, source.describe() + " cannot be loaded again; the one that runs is kept", e);
            } finally {
                versions.releaseUnused();
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

    private void reload(PluginSource source, PluginVersions versions) {
        var layer = PluginLayer.of(source, options);
        versions.add(layer);
        var before = current.shared();
        var fresh = before.with(before.plugins().without(source.name()).with(layer));
        var concerned = server.running().stream()
                .filter(hosted -> hosted.isServedBy(source.name()))
                .toList();
        // All endpoints are opened before any is stopped, so that a plugin that cannot open them changes nothing.
        var opened = concerned.stream()
                .map(hosted -> Endpoints.reopen(current.configuration(), fresh, hosted))
                .toList();
        for (int i = 0; i < concerned.size(); i++) {
            try {
                server.replace(
                        concerned.get(i), opened.get(i), current.options().gracePeriod());
                versions.use(concerned.get(i).name(), layer);
            } catch (StartException e) {
                if (!server.isStopping()) {
                    versions.forget(concerned.get(i).name());
                    goBack(source, versions, opened.subList(0, i), opened.subList(i, opened.size()), e);
                }
                return;
            }
        }
        if (!server.isStopping()) {
            versions.useNext(layer);
            adopt(fresh);
            LOG.log(
                    Level.INFO,
                    source.describe() + " was loaded again, for "
                            + (concerned.isEmpty() ? "no endpoint" : names(concerned)));
        }
    }

    /** Let nothing refer to the old plugin from now on. */
    private void adopt(EndpointContext.Shared fresh) {
        current.adopt(fresh);
        server.running().forEach(hosted -> hosted.context().adopt(fresh));
    }

    private static String names(List<HostedEndpoint> endpoints) {
        return String.join(", ", endpoints.stream().map(HostedEndpoint::name).toList());
    }

    /** Give the old plugin back to an endpoint that cannot start with the new one; the endpoints after it keep the old one. */
    private void goBack(
            PluginSource source,
            PluginVersions versions,
            List<HostedEndpoint> done,
            List<HostedEndpoint> left,
            StartException failure) {
        var hosted = left.getFirst();
        var rest = left.subList(1, left.size());
        var said = source.describe() + " was loaded again, but " + failure.getMessage() + "; " + hosted.name();
        var others = (done.isEmpty() ? "" : "; with the new one: " + names(done))
                + (rest.isEmpty() ? "" : "; still with the old one: " + names(rest));
        try {
            server.add(Endpoints.reopen(current.configuration(), current.shared(), hosted));
            versions.use(hosted.name(), versions.next());
            LOG.log(Level.WARNING, said + " runs with the old one again" + others);
        } catch (StartException | RuntimeException e) {
            LOG.log(
                    Level.ERROR,
                    said + " no longer runs, since the old one does not start again: " + e.getMessage() + others);
        }
        LOG.log(Level.DEBUG, "The failure in full", failure);
    }
}
