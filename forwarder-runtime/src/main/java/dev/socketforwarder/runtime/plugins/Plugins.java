package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.text.Printable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The available transports and handshake policies, by name.
 *
 * <p>A service that cannot be made, or fails to tell its name, is left out with a warning. That matters only if the
 * configuration asks for it. Two services with the same name are an error, since the configuration could mean either.
 */
public final class Plugins {
    private static final Logger LOG = System.getLogger(Plugins.class.getName());

    // By contract a loader continues with the next provider after a failure; a broken one might fail for ever.
    private static final int MOST_FAILURES = 100;

    private final Map<String, Plugin<Transport>> transports;
    private final Map<String, Plugin<HandshakePolicy>> policies;

    private Plugins(Map<String, Plugin<Transport>> transports, Map<String, Plugin<HandshakePolicy>> policies) {
        this.transports = transports;
        this.policies = policies;
    }

    /**
     * Find the services of the image's modules, or of the class path.
     *
     * @throws PluginException if two have the same name
     */
    public static Plugins discover() {
        var loader = Plugins.class.getClassLoader();
        return of(ServiceLoader.load(Transport.class, loader), ServiceLoader.load(HandshakePolicy.class, loader));
    }

    /** Use these services, as {@link #discover} would. For tests. */
    public static Plugins of(Iterable<Transport> transports, Iterable<HandshakePolicy> policies) {
        return new Plugins(
                byName(transports, Transport::type, "transport"),
                byName(policies, HandshakePolicy::name, "handshake policy"));
    }

    /**
     * {@return these services and those of a plugin, which are made now}
     *
     * @throws PluginException if a service of the plugin cannot be made, or its name is taken
     */
    public Plugins with(PluginLayer layer) {
        var moreTransports = layer.transports();
        var morePolicies = layer.policies();
        layer.requireDeclared(Stream.concat(moreTransports.stream(), morePolicies.stream())
                .map(Plugin::name)
                .collect(Collectors.toSet()));
        return new Plugins(
                with(layer, transports, moreTransports, "transport"),
                with(layer, policies, morePolicies, "handshake policy"));
    }

    /** {@return whether any service belongs to this plugin} */
    public boolean isFrom(String plugin) {
        return Stream.concat(transports.values().stream(), policies.values().stream())
                .anyMatch(each -> each.plugin().equals(plugin));
    }

    /** {@return these services without those of a plugin} */
    public Plugins without(String plugin) {
        return new Plugins(without(plugin, transports), without(plugin, policies));
    }

    private static <S> Map<String, Plugin<S>> without(String plugin, Map<String, Plugin<S>> some) {
        var rest = new TreeMap<>(some);
        rest.values().removeIf(each -> each.plugin().equals(plugin));
        return rest;
    }

    private static <S> Map<String, Plugin<S>> with(
            PluginLayer layer, Map<String, Plugin<S>> some, List<Plugin<S>> more, String kind) {
        var all = new TreeMap<>(some);
        for (var plugin : more) {
            var other = all.putIfAbsent(plugin.name(), plugin);
            if (other != null) {
                throw layer.source()
                        .problem("its " + kind + " is named \"" + plugin.name() + "\", as is " + other.describe()
                                + "; remove one of them");
            }
        }
        return Collections.unmodifiableMap(all);
    }

    /** {@return the transports, in the order of their names} */
    public Map<String, Plugin<Transport>> transports() {
        return transports;
    }

    /** {@return the policies, in the order of their names} */
    public Map<String, Plugin<HandshakePolicy>> policies() {
        return policies;
    }

    private static <S> Map<String, Plugin<S>> byName(Iterable<S> services, Function<S, String> naming, String kind) {
        var found = new TreeMap<String, Plugin<S>>();
        var all = services.iterator();
        int failures = 0;
        while (failures < MOST_FAILURES) {
            S service;
            try {
                if (!all.hasNext()) {
                    break;
                }
                service = all.next();
            } catch (ServiceConfigurationError | LinkageError e) {
                failures++;
                LOG.log(Level.WARNING, "A " + kind + " cannot be loaded and is left out: " + e, e);
                continue;
            }
            add(found, service, naming, kind);
        }
        return Collections.unmodifiableMap(found);
    }

    private static <S> void add(Map<String, Plugin<S>> found, S service, Function<S, String> naming, String kind) {
        var module = moduleName(service.getClass());
        String name;
        try {
            name = naming.apply(service);
        } catch (RuntimeException | LinkageError e) {
            LOG.log(Level.WARNING, "A " + kind + " of module " + module + " fails and is left out", e);
            return;
        }
        if (name == null || !Keys.isWord(name) || Keys.isTopLevel(name)) {
            throw new PluginException(
                    "a " + kind + " of module " + module + " calls itself "
                            + (name == null ? "null" : Printable.quoted(name))
                            + ", but a name has lower-case letters and digits with dashes between, and is no key of the top level");
        }
        var plugin = new Plugin<>(service, name, module, version(service.getClass()), location(service.getClass()), "");
        var other = found.putIfAbsent(name, plugin);
        if (other != null) {
            throw new PluginException("two modules, " + other.module() + " and " + module + ", have a " + kind
                    + " named \"" + name + "\"; remove one of them");
        }
    }

    private static String moduleName(Class<?> type) {
        return type.getModule().isNamed() ? type.getModule().getName() : "(class path)";
    }

    private static String version(Class<?> type) {
        return type.getModule().isNamed()
                ? type.getModule().getDescriptor().rawVersion().orElse("")
                : "";
    }

    private static String location(Class<?> type) {
        var module = type.getModule();
        if (!module.isNamed()) {
            var source = type.getProtectionDomain().getCodeSource();
            return source == null || source.getLocation() == null
                    ? ""
                    : source.getLocation().toString();
        }
        return module.getLayer()
                .configuration()
                .findModule(module.getName())
                .flatMap(resolved -> resolved.reference().location())
                .map(URI::toString)
                .orElse("");
    }
}
