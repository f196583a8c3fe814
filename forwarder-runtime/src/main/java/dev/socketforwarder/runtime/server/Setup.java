package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.admin.AdminSettings;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.endpoints.EndpointContext;
import dev.socketforwarder.runtime.endpoints.EndpointContext.Inheritance;
import dev.socketforwarder.runtime.endpoints.Endpoints;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.groups.GroupRules;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.logging.RefusalLog;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.PluginFolders;
import dev.socketforwarder.runtime.plugins.PluginLayer;
import dev.socketforwarder.runtime.plugins.PluginOptions;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.SavedStates;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.service.InheritedSockets;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Holds the configuration as it was read, and everything made of it that needs neither a socket nor a thread.
 *
 * @param notices one line for each thing that an operator should know beside the warnings
 * @param needRestart the keys that have changed since the start, and have not been heeded
 * @param shared what all endpoints share
 * @param admin the admin endpoint; empty if there is to be none
 * @param layers the plugins found in folders, whether they were loaded or not
 * @param warnings one line for each thing in the environment that was ignored, and for each setting that is probably a mistake
 */
public record Setup(
        Configuration configuration,
        ServerOptions options,
        Endpoints endpoints,
        List<String> warnings,
        List<String> notices,
        List<String> needRestart,
        EndpointContext.Shared shared,
        Optional<AdminSettings> admin,
        PluginOptions pluginOptions,
        List<PluginLayer> layers)
        implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Setup.class.getName());

    /**
     * Read and check the configuration, and open its endpoints.
     *
     * @throws dev.socketforwarder.api.SettingException if the configuration is wrong
     * @throws PluginException if a plugin cannot be used
     */
    public static Setup of(Inputs inputs, Plugins image) {
        return of(inputs, image, Optional.empty(), _ -> new Counters());
    }

    /**
     * Read the configuration again while the process runs, and open all endpoints anew. They use what the running ones share. What
     * needs a restart stays as it is.
     *
     * @param counters gives the counters of an endpoint by its name
     */
    static Setup beside(Inputs inputs, Current current, Function<String, Counters> counters) {
        return of(inputs, current.shared().plugins(), Optional.of(current), counters);
    }

    private static Setup of(
            Inputs inputs, Plugins installed, Optional<Current> running, Function<String, Counters> counters) {
        var fromFile = inputs.read();
        var first = new Configuration(
                inputs.load(fromFile, installed.transports().keySet()).sources());
        if (running.isEmpty()) {
            startLogging(ServerOptions.read(first)); // before the search for plugins, which logs
        }
        var warnings = new ArrayList<String>();
        var found = find(first, installed, running.isPresent(), warnings);
        // Which variables of the environment belong to an endpoint depends on the types of transports.
        var loaded = inputs.load(fromFile, found.plugins().transports().keySet());
        var before = running.map(Current::configuration).map(Configuration::sources);
        var sources = before.map(those -> loaded.sources().keeping(those, Keys::needsRestart))
                .orElse(loaded.sources());
        var configuration = new Configuration(sources);
        var options = ServerOptions.read(configuration);
        var pluginOptions = PluginOptions.read(configuration.topLevel().section(Keys.PLUGINS));
        var shared = running.map(those -> those.shared().with(found.plugins()))
                .orElseGet(() -> shared(options, inputs.environment(), found.plugins()));
        var admin = AdminSettings.read(configuration.topLevel().section(Keys.ADMIN));
        var endpoints = Endpoints.open(configuration, shared, counters);
        var needRestart = before.map(those -> loaded.sources().differences(those, Keys::needsRestart))
                .orElse(List.of());
        if (!needRestart.isEmpty()) {
            rehearse(new Configuration(loaded.sources()), shared);
        }
        warnings.addAll(loaded.warnings());
        warnings.addAll(endpoints.warnings());
        warnings.addAll(configuration.warnings());
        return new Setup(
                configuration,
                options,
                endpoints,
                List.copyOf(warnings),
                notices(inputs, found.unasked()),
                needRestart,
                shared,
                admin,
                pluginOptions,
                found.layers());
    }

    /**
     * Read a configuration as the next start will, so that a reload does not leave a configuration behind with which nothing starts.
     *
     * @throws dev.socketforwarder.api.SettingException if the configuration is wrong
     */
    private static void rehearse(Configuration configuration, EndpointContext.Shared shared) {
        ServerOptions.read(configuration);
        PluginOptions.read(configuration.topLevel().section(Keys.PLUGINS));
        AdminSettings.read(configuration.topLevel().section(Keys.ADMIN));
        Endpoints.open(configuration, shared)
                .hosted()
                .forEach(hosted -> hosted.context().close());
    }

    private static void startLogging(ServerOptions options) {
        Logging.start(options.logFormat(), options.logOutput(), options.debug());
    }

    private record Found(Plugins plugins, List<PluginLayer> layers, List<String> unasked) {}

    /** Find the plugins that the configuration asks for beyond those installed. */
    private static Found find(
            Configuration configuration, Plugins installed, boolean isRunning, List<String> warnings) {
        var asked = configuration.asksBeyond(
                installed.transports().keySet(), installed.policies().keySet());
        if (isRunning && asked.isEmpty()) {
            return new Found(installed, List.of(), List.of());
        }
        var options = PluginOptions.read(configuration.topLevel().section(Keys.PLUGINS));
        var folders = new PluginFolders(options, warnings::add);
        var plugins = folders.addTo(installed, asked);
        LOG.log(
                Level.DEBUG,
                "transports: " + plugins.transports().keySet() + ", handshake policies: "
                        + plugins.policies().keySet());
        return new Found(plugins, folders.layers(), folders.unasked());
    }

    private static Inheritance inheritance(ServerOptions options, Map<String, String> environment) {
        return new Inheritance(
                InheritedSockets.of(environment, ProcessHandle.current().pid()),
                new SavedStates(SavedStates.folder(options.stateDirectory(), environment)));
    }

    private static List<String> notices(Inputs inputs, List<String> unasked) {
        var notices = new ArrayList<String>();
        if (inputs.isShipped()) {
            notices.add(ShippedFile.notice(inputs.files().getFirst()));
        }
        notices.addAll(unasked);
        return List.copyOf(notices);
    }

    private static EndpointContext.Shared shared(
            ServerOptions options, Map<String, String> environment, Plugins plugins) {
        var groups = new GroupRegistry(
                GroupRules.raw(FlowLimits.DEFAULT),
                options.maxQueued(),
                options.groups(),
                Optional.empty(),
                new Counters(),
                System::nanoTime);
        return new EndpointContext.Shared(
                plugins,
                groups,
                new RefusalLog(),
                options.eventLoops(),
                new Places(options.connections()),
                new EventLoops(),
                inheritance(options, environment));
    }

    public GroupRegistry groups() {
        return shared.groups();
    }

    public RefusalLog refusals() {
        return shared.refusals();
    }

    /** Put the limits of the process in force. Nobody loses a place. */
    void applyLimits() {
        groups().resize(options.groups());
        groups().resizeQueues(options.maxQueued());
        shared.resizeConnections(options.connections());
    }

    /** Log the warnings and notices, before anything runs. */
    public void logNotices() {
        warnings.forEach(line -> LOG.log(Level.WARNING, line));
        notices.forEach(line -> LOG.log(Level.INFO, line));
    }

    /**
     * Check that there is an endpoint to run.
     *
     * @throws UsageException if there is none; the message says what to set
     */
    public void requireEndpoint() {
        if (!endpoints.hosted().isEmpty()) {
            return;
        }
        if (endpoints.missing().isEmpty()) {
            throw new UsageException("nothing to run: no transport is installed; put one on the module path");
        }
        var key = endpoints.missing().getFirst();
        throw new UsageException("nothing to run: set " + String.join(" or ", endpoints.missing())
                + " in a file (--config FILE), on the command line (--set " + key + "=6753), or in the environment ("
                + Keys.variable(key) + "=6753)");
    }

    /**
     * Load the files that the configuration names.
     *
     * @throws dev.socketforwarder.api.SettingException if a file cannot be used
     */
    public void load() {
        endpoints.hosted().forEach(hosted -> hosted.context().load());
        admin.ifPresent(AdminSettings::loadTls);
    }

    @Override
    public void close() {
        refusals().close();
        groups().close();
    }
}
