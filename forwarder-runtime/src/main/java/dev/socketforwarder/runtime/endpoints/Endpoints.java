package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.RehearsedSettings;
import dev.socketforwarder.runtime.config.Sources;
import dev.socketforwarder.runtime.plugins.Plugin;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.PluginFaults;
import dev.socketforwarder.runtime.process.TimeLimit;
import dev.socketforwarder.runtime.rules.GroupTable;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Opens the endpoints that the configuration asks for. Opening binds nothing, so commands that only look use this class too.
 *
 * @param hosted the endpoints that can run
 * @param missing the keys without which endpoints cannot run, those that nobody configured too
 * @param warnings one line for each unknown variable of the environment
 */
public record Endpoints(List<HostedEndpoint> hosted, List<String> missing, List<String> warnings) {

    private static final Logger LOG = System.getLogger(Endpoints.class.getName());

    /** Opening an endpoint binds nothing and waits for nobody, so it takes no longer. */
    private static final Duration LONGEST_OPEN = Duration.ofSeconds(10);

    /**
     * Open all endpoints.
     *
     * @throws SettingException if a setting is wrong, or unknown
     * @throws PluginException if a transport fails
     */
    public static Endpoints open(Configuration configuration, EndpointContext.Shared shared) {
        return open(configuration, shared, _ -> new Counters());
    }

    /** Open all endpoints, to which {@code counters} gives their counters by their names. */
    public static Endpoints open(
            Configuration configuration, EndpointContext.Shared shared, Function<String, Counters> counters) {
        configuration.groupNames(); // marks the names as known, even if no endpoint asks
        var opener = new Opener(configuration, shared);
        var unused = new LinkedHashSet<>(shared.plugins().transports().values().stream()
                .map(Plugin::name)
                .toList());
        for (var name : configuration.endpointNames()) {
            var transport = opener.transport(name);
            unused.remove(transport.name());
            opener.open(name, transport, counters.apply(name));
        }
        unused.forEach(opener::learn);
        var names = opener.hosted.stream().map(HostedEndpoint::name).toList();
        new Ineffective(configuration, names).look();
        new LimitOrder(configuration).look();
        new SharedGroups(configuration, opener.hosted).look();
        var withConnections = opener.hosted.stream()
                .filter(each -> each.transport().service().protocol() != Protocol.UDP)
                .map(HostedEndpoint::name)
                .toList();
        new OwnPorts(configuration, withConnections).look();
        new DoubledPorts(Listening.of(configuration, opener.hosted)).look();
        var policies = new UnaskedPolicies(configuration, shared.plugins().policies());
        var unread = configuration.unread(policies::explain);
        new Unheeded(configuration, opener.hosted).look();
        return new Endpoints(opener.hosted, opener.missing, unread);
    }

    /**
     * Open an endpoint again, with the plugins that are loaded now. It goes on with the counters of the endpoint before.
     *
     * @throws SettingException if a plugin does not accept a setting
     * @throws PluginException if a plugin fails
     */
    public static HostedEndpoint reopen(
            Configuration configuration, EndpointContext.Shared shared, HostedEndpoint before) {
        var opener = new Opener(configuration, shared);
        opener.open(
                before.name(), opener.transport(before.name()), before.context().counters());
        configuration.unread();
        if (opener.hosted.isEmpty()) {
            throw new PluginException(
                    before.name() + " does not run: " + String.join(", ", opener.missing) + " is not set");
        }
        opener.hosted.forEach(hosted -> hosted.context().load());
        return opener.hosted.getFirst();
    }

    /** Open the endpoint. Code of a plugin may hang, so the wait for it is bounded. */
    private static Endpoint opened(Plugin<Transport> transport, EndpointContext context) {
        if (!transport.isForeign() && !context.mayAskForeign()) {
            return transport.service().open(context);
        }
        try {
            var name = context.name() + "-open";
            return TimeLimit.call(
                    name, LONGEST_OPEN, () -> false, () -> transport.service().open(context));
        } catch (TimeoutException e) {
            throw new PluginException(
                    "transport " + transport.describe() + " cannot open endpoint " + context.name()
                            + ": it does not return within " + Values.shown(LONGEST_OPEN),
                    e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private static final class Opener {
        private final Configuration configuration;
        private final EndpointContext.Shared shared;
        private final List<HostedEndpoint> hosted = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();

        Opener(Configuration configuration, EndpointContext.Shared shared) {
            this.configuration = configuration;
            this.shared = shared;
        }

        Plugin<Transport> transport(String name) {
            var settings = configuration.endpoint(name);
            var type = settings.text(Keys.TYPE, name);
            var transports = shared.plugins().transports();
            var transport = transports.get(type);
            if (transport != null) {
                return transport;
            }
            var installed = "one of the installed transports: " + String.join(", ", transports.keySet());
            var typeKey = Keys.ofEndpoint(name, Keys.TYPE);
            if (configuration.find(typeKey).isPresent()) {
                throw settings.invalid(Keys.TYPE, type, installed);
            }
            throw new SettingException(configuration.placeOfEndpoint(name) + ": " + Keys.TRANSPORTS + "." + name
                    + " has no type, and its name is not a transport; set " + typeKey + " to " + installed);
        }

        void open(String name, Plugin<Transport> transport, Counters counters) {
            try {
                var settings = configuration.endpoint(name);
                var rules = GroupTable.read(configuration, settings);
                var context = new EndpointContext(name, settings, rules, shared, transport.plugin(), counters);
                switch (transport.service().protocol()) {
                    case TCP -> context.expectLines();
                    case UDP -> GroupTable.refuseRulesOfStreams(settings);
                    case OTHER -> {
                        // Such a transport asks for streams if it has connections.
                    }
                }
                var endpoint = settings.noting(context.readByTransport(), () -> open(transport, context));
                if (!context.hasStreams()) {
                    GroupTable.refuseRulesOfStreams(settings); // the members are the transport's own
                    if (transport.service().protocol() == Protocol.UDP) {
                        GroupTable.refuseFirstMessage(settings); // a datagram is always whole
                    }
                }
                hosted.add(new HostedEndpoint(name, transport, context, endpoint));
            } catch (MissingSettingException e) {
                missing.add(e.key());
                configuration.warn(
                        configuration.placeOfEndpoint(name) + ": " + name + " does not run: " + e.getMessage());
                learnKeys(name, transport, configuration);
            }
        }

        /** Learn all keys of a transport that threw before it had read them all, so that a misspelt key can be told apart. */
        private void learnKeys(String name, Plugin<Transport> transport, Configuration learning) {
            var rehearsed = new RehearsedSettings(learning, Keys.ofEndpoint(name, ""));
            open(
                    transport,
                    new EndpointContext(
                            name, rehearsed, GroupTable.DEFAULT, shared, transport.plugin(), new Counters()));
        }

        /** Learn what is missing to run a transport that nobody configured. */
        void learn(String type) {
            var nothing = new Configuration(new Sources(List.of()));
            var transport = shared.plugins().transports().get(type);
            try {
                try {
                    open(transport, new EndpointContext(type, nothing.endpoint(type), GroupTable.DEFAULT, shared));
                } catch (MissingSettingException e) {
                    missing.add(e.key());
                    configuration.find(e.key()); // marks the key as known, so that warnings can suggest it
                    learnKeys(type, transport, nothing);
                }
                configuration.suggest(nothing);
            } catch (SettingException | PluginException e) {
                // Nobody asked for this transport, so it must not keep others from running.
                LOG.log(Level.DEBUG, type + " is installed but cannot be configured", e);
            }
        }

        private static Endpoint open(Plugin<Transport> transport, EndpointContext context) {
            try {
                var endpoint = opened(transport, context);
                if (endpoint == null) {
                    throw new IllegalStateException("no endpoint");
                }
                return endpoint;
            } catch (SettingException | PluginException e) {
                throw e;
            } catch (RuntimeException | Error e) {
                Fatal.rethrow(e);
                throw new PluginException(
                        "transport " + transport.describe() + " cannot open endpoint " + context.name() + ": "
                                + PluginFaults.ofCode(e),
                        e);
            }
        }
    }
}
