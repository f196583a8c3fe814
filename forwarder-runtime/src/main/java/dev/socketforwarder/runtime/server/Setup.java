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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Holds the configuration as it was read, and everything made of it that needs neither a socket nor a thread.
 *
 * @param notices one line for each thing that an operator should know beside the warnings
 * @param shared what all endpoints share
 * @param admin the admin endpoint; empty if there is to be none
 * @param layers the plugins found in folders, whether they were loaded or not
 * @param warnings one line for each thing in the environment that was ignored, and for each setting that is probably a mistake
 */
public record Setup(
        Configuration configuration,
        ServerOptions options,
        Endpoints endpoints,
        GroupRegistry groups,
        RefusalLog refusals,
        List<String> warnings,
        List<String> notices,
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
        return of(inputs, image, options -> Logging.start(options.logFormat(), options.logOutput(), options.debug()));
    }

    /** Do the same while another setup runs, whose logging goes on unchanged. */
    static Setup beside(Inputs inputs, Plugins image) {
        return of(inputs, image, _ -> {});
    }

    private static Setup of(Inputs inputs, Plugins image, Consumer<ServerOptions> startLogging) {
        var fromFile = inputs.read();
        var loaded = inputs.load(fromFile, image.transports().keySet());
        var first = new Configuration(loaded.sources());
        startLogging.accept(ServerOptions.read(first)); // before the search for plugins, which logs
        var warnings = new ArrayList<String>();
        var folders = new PluginFolders(PluginOptions.read(first.topLevel().section(Keys.PLUGINS)), warnings::add);
        var plugins = folders.isEmpty()
                ? image
                : folders.addTo(
                        image,
                        first.asksBeyond(
                                image.transports().keySet(), image.policies().keySet()));
        var names = plugins.transports().keySet();
        // Which variables of the environment belong to an endpoint depends on the types of transports.
        loaded = plugins == image ? loaded : inputs.load(fromFile, names);
        var configuration = new Configuration(loaded.sources());
        var options = ServerOptions.read(configuration);
        var pluginOptions = PluginOptions.read(configuration.topLevel().section(Keys.PLUGINS));
        LOG.log(
                Level.DEBUG,
                "transports: " + names + ", handshake policies: "
                        + plugins.policies().keySet());
        var groups = groups(options);
        var refusals = new RefusalLog();
        var shared = new EndpointContext.Shared(
                plugins,
                groups,
                refusals,
                options.eventLoops(),
                new Places(options.connections()),
                new EventLoops(),
                inheritance(options, inputs.environment()));
        var admin = AdminSettings.read(configuration.topLevel().section(Keys.ADMIN));
        var endpoints = Endpoints.open(configuration, shared).alsoLeftOut(folders.unasked());
        warnings.addAll(loaded.warnings());
        warnings.addAll(endpoints.warnings());
        warnings.addAll(configuration.warnings());
        return new Setup(
                configuration,
                options,
                endpoints,
                groups,
                refusals,
                List.copyOf(warnings),
                notices(inputs, configuration, endpoints),
                shared,
                admin,
                pluginOptions,
                folders.layers());
    }

    private static Inheritance inheritance(ServerOptions options, Map<String, String> environment) {
        return new Inheritance(
                InheritedSockets.of(environment, ProcessHandle.current().pid()),
                new SavedStates(SavedStates.folder(options.stateDirectory(), environment)));
    }

    private static List<String> notices(Inputs inputs, Configuration configuration, Endpoints endpoints) {
        var notices = new ArrayList<String>();
        if (inputs.isShipped()) {
            notices.add(ShippedFile.notice(inputs.files().getFirst(), configuration));
        }
        notices.addAll(endpoints.leftOut());
        return List.copyOf(notices);
    }

    private static GroupRegistry groups(ServerOptions options) {
        return new GroupRegistry(
                GroupRules.raw(FlowLimits.DEFAULT),
                options.maxQueued(),
                options.groups(),
                Optional.empty(),
                new Counters(),
                System::nanoTime);
    }

    /** {@return the counters of each endpoint by its name, and those of all groups under {@code groups}} */
    public Map<String, Counters> counters() {
        var all = new LinkedHashMap<String, Counters>();
        endpoints
                .hosted()
                .forEach(hosted -> all.put(hosted.name(), hosted.context().counters()));
        all.put(Keys.GROUPS, groups.counters()); // cannot be the name of an endpoint
        return all;
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
    }

    @Override
    public void close() {
        refusals.close();
        groups.close();
    }
}
