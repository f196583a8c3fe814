package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.text.Printable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolutionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One plugin in a module layer of its own, above the image's layer, so that it can bring libraries of any version. Its
 * module descriptors are checked when the layer is made. Its code runs when its {@link #transports} or {@link
 * #policies} are requested.
 */
public final class PluginLayer {
    private static final Logger LOG = System.getLogger(PluginLayer.class.getName());
    private static final String API = Transport.class.getPackageName();

    private final PluginSource source;
    private final ModuleLayer layer;
    private final PluginNames names;
    /** Removes the files that were made for the plugin. */
    private final Runnable release;

    private PluginLayer(PluginSource source, ModuleLayer layer, PluginNames names, Runnable release) {
        this.source = source;
        this.layer = layer;
        this.names = names;
        this.release = release;
    }

    /**
     * Load a plugin without running its code.
     *
     * @throws PluginException if the plugin is broken; the message says in one line what to do
     */
    public static PluginLayer of(PluginSource source, PluginOptions options) {
        if (!options.copies()) {
            return of(source, source.jars(), () -> {});
        }
        var copies = PluginCopies.of(source, options.sha256());
        try {
            return of(source, copies.jars(), copies::remove);
        } catch (RuntimeException | Error e) {
            copies.remove();
            throw e;
        }
    }

    private static PluginLayer of(PluginSource source, List<Path> jars, Runnable release) {
        var modules = modules(source, jars);
        var providers = providers(source, modules.values());
        providers.forEach(provider -> requireApi(source, provider.descriptor()));
        var own = PluginLayer.class.getModule().getLayer();
        var parent = own == null ? ModuleLayer.boot() : own; // code on the class path has no layer
        requireAll(source, modules, parent.configuration());
        try {
            var configuration =
                    parent.configuration().resolveAndBind(finder(modules), ModuleFinder.of(), modules.keySet());
            var loader = PluginLayer.class.getClassLoader();
            var layer = ModuleLayer.defineModulesWithOneLoader(configuration, List.of(parent), loader)
                    .layer();
            return new PluginLayer(source, layer, names(source, providers), release);
        } catch (FindException | ResolutionException | LayerInstantiationException e) {
            LOG.log(Level.DEBUG, "The failure in full", e);
            throw source.problem(PluginFaults.ofModules(e));
        }
    }

    /** {@return a finder of these modules} One of the JDK for the JARs would read all of them once more. */
    private static ModuleFinder finder(Map<String, ModuleReference> modules) {
        return new ModuleFinder() {
            @Override
            public Optional<ModuleReference> find(String name) {
                return Optional.ofNullable(modules.get(name));
            }

            @Override
            public Set<ModuleReference> findAll() {
                return Set.copyOf(modules.values());
            }
        };
    }

    private static PluginNames names(PluginSource source, List<ModuleReference> providers) {
        var jars = providers.stream()
                .map(provider -> Path.of(provider.location().orElseThrow()))
                .toList();
        return PluginNames.of(source, jars);
    }

    /** {@return the modules in the JARs, by name} */
    private static LinkedHashMap<String, ModuleReference> modules(PluginSource source, List<Path> jars) {
        var modules = new LinkedHashMap<String, ModuleReference>();
        var packages = new HashMap<String, String>(); // the module's name, by package
        for (var jar : jars) {
            for (var module : modules(source, jar)) {
                var name = module.descriptor().name();
                if (module.descriptor().packages().contains(API)) {
                    var file = Printable.line(jar.getFileName().toString());
                    throw source.problem("it contains " + API + ", which the server has; "
                            + (name.equals(API) ? "remove " : "leave that out of ") + file);
                }
                if (modules.putIfAbsent(name, module) != null) {
                    throw source.problem("two of its JARs are module " + name + "; remove one of them");
                }
                for (var each : module.descriptor().packages()) {
                    var other = packages.putIfAbsent(each, name);
                    if (other != null) {
                        throw source.problem("package " + each + " is in two of its modules, " + other + " and " + name
                                + "; only one of them may have it: remove one of the JARs");
                    }
                }
            }
        }
        return modules;
    }

    /** Require that every module that the plugin's modules need is among them or in the server. */
    private static void requireAll(
            PluginSource source, Map<String, ModuleReference> modules, java.lang.module.Configuration server) {
        for (var module : modules.values()) {
            for (var required : module.descriptor().requires()) {
                var name = required.name();
                if (!required.modifiers().contains(Modifier.STATIC)
                        && !modules.containsKey(name)
                        && server.findModule(name).isEmpty()) {
                    throw source.problem(
                            PluginFaults.ofMissing(name, module.descriptor().name()));
                }
            }
        }
    }

    private static Iterable<ModuleReference> modules(PluginSource source, Path jar) {
        var name = Printable.line(jar.getFileName().toString());
        if (!Files.isReadable(jar)) {
            throw source.problem(name + " cannot be read; is it there, and readable for this user?");
        }
        try {
            return ModuleFinder.of(jar).findAll();
        } catch (FindException e) {
            LOG.log(Level.DEBUG, "The failure in full", e);
            throw source.problem(PluginFaults.ofJar(name, e));
        }
    }

    /** {@return the modules that provide a transport or a policy} */
    private static List<ModuleReference> providers(PluginSource source, Collection<ModuleReference> modules) {
        var services = Set.of(Transport.class.getName(), HandshakePolicy.class.getName());
        var providers = modules.stream()
                .filter(module ->
                        module.descriptor().provides().stream().anyMatch(each -> services.contains(each.service())))
                .toList();
        if (providers.isEmpty()) {
            throw source.problem("it provides neither a Transport nor a HandshakePolicy of " + API
                    + "; its module-info.java must say so (provides ... with ...), or a plain JAR's META-INF/services");
        }
        return providers;
    }

    /** Require an API that fits: a module records the version of each module that it was compiled against. */
    private static void requireApi(PluginSource source, ModuleDescriptor module) {
        var api = Transport.class.getModule().getDescriptor();
        if (api == null || api.rawVersion().isEmpty()) {
            return; // the API is on the class path
        }
        var ours = api.rawVersion().get();
        for (var required : module.requires()) {
            var theirs = required.rawCompiledVersion().orElse(ours);
            if (required.name().equals(API) && !ApiVersion.of(ours).runs(ApiVersion.of(theirs))) {
                throw source.problem("it was built for version " + theirs + " of " + API + ", and this server has "
                        + ours + "; get the plugin, or the server, that fits the other");
            }
        }
    }

    /** Remove the plugin's copied files, once nothing uses them any more. */
    public void release() {
        release.run();
    }

    public PluginSource source() {
        return source;
    }

    /** {@return the names that its manifest declares, so that the plugin need not be loaded to know them} */
    PluginNames names() {
        return names;
    }

    /**
     * {@return the line that says that the configuration does not request the plugin, and what to do} Only the plugin's
     * code knows which settings it needs, and that code does not run.
     */
    String unasked() {
        return source.describe() + " does not run: "
                + (names.isEmpty()
                        ? "the configuration needs only what the image has; \"socketforwarder plugins\" lists what"
                                + " it provides"
                        : "the configuration names neither an endpoint, a type nor a policy "
                                + String.join(" or ", names.all()));
    }

    /**
     * Check that the manifest declares the right names.
     *
     * @param made the names of all services of the plugin
     * @throws PluginException if the manifest declares other names
     */
    void requireDeclared(Set<String> made) {
        if (!names.isEmpty() && !names.all().equals(made)) {
            throw source.problem("it provides " + String.join(", ", new TreeSet<>(made)) + ", but its manifest says "
                    + PluginNames.ATTRIBUTE + ": " + String.join(", ", names.all()) + "; correct the manifest");
        }
    }

    /**
     * {@return the plugin's transports, made now}
     *
     * @throws PluginException if one cannot be made
     */
    List<Plugin<Transport>> transports() {
        return providers(Transport.class, Transport::type, "transport");
    }

    /**
     * {@return the plugin's handshake policies, made now}
     *
     * @throws PluginException if one cannot be made
     */
    List<Plugin<HandshakePolicy>> policies() {
        return providers(HandshakePolicy.class, HandshakePolicy::name, "handshake policy");
    }

    private <S> List<Plugin<S>> providers(Class<S> service, Function<S, String> naming, String kind) {
        var found = new ArrayList<Plugin<S>>();
        var all = service == Transport.class
                ? ServiceLoader.load(layer, Transport.class).stream().iterator()
                : ServiceLoader.load(layer, HandshakePolicy.class).stream().iterator();
        try {
            while (all.hasNext()) {
                var provider = all.next();
                // The loader also finds services of the layers below.
                if (provider.type().getModule().getLayer() == layer) {
                    found.add(plugin(service.cast(provider.get()), naming, kind));
                }
            }
            return found;
        } catch (PluginException e) {
            throw e;
        } catch (ServiceConfigurationError | RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            throw new PluginException(source.problem("its " + kind + " cannot be made: " + PluginFaults.ofCode(e)), e);
        }
    }

    private <S> Plugin<S> plugin(S provider, Function<S, String> naming, String kind) {
        var name = naming.apply(provider);
        if (name == null || !Keys.isWord(name) || Keys.isTopLevel(name)) {
            throw source.problem(
                    "its " + kind + " calls itself " + (name == null ? "null" : Printable.quoted(name))
                            + ", but a name has lower-case letters and digits with dashes between, and is no key of the top level");
        }
        var module = provider.getClass().getModule();
        return new Plugin<>(
                provider,
                name,
                module.getName(),
                module.getDescriptor().rawVersion().orElse(""),
                source.location().toString(),
                source.name());
    }
}
