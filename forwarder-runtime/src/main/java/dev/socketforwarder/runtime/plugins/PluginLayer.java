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
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One plugin, in a module layer of its own above the image's: its libraries are its own, of whatever version. Its module
 * descriptors are checked when it is made; its code runs when its {@link #transports} or {@link #policies} are asked for.
 */
public final class PluginLayer {
    private static final Logger LOG = System.getLogger(PluginLayer.class.getName());
    private static final String API = Transport.class.getPackageName();

    private final PluginSource source;
    private final ModuleLayer layer;
    /** What its manifest says that it has; empty: nothing. */
    private final Set<String> names;
    /** Lets go of the files that were made for it. */
    private final Runnable release;

    private PluginLayer(PluginSource source, ModuleLayer layer, Set<String> names, Runnable release) {
        this.source = source;
        this.layer = layer;
        this.names = names;
        this.release = release;
    }

    /**
     * Load one, as far as it needs none of its code.
     *
     * @throws PluginException if it is broken, in one line that says what to do
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
        var finder = ModuleFinder.of(jars.toArray(Path[]::new));
        var own = PluginLayer.class.getModule().getLayer();
        var parent = own == null ? ModuleLayer.boot() : own; // on the class path it has none
        requireAll(source, modules, parent.configuration());
        try {
            var configuration = parent.configuration().resolveAndBind(finder, ModuleFinder.of(), modules.keySet());
            var loader = PluginLayer.class.getClassLoader();
            var layer = ModuleLayer.defineModulesWithOneLoader(configuration, List.of(parent), loader)
                    .layer();
            return new PluginLayer(source, layer, PluginNames.of(source, providers), release);
        } catch (FindException | ResolutionException | LayerInstantiationException e) {
            LOG.log(Level.DEBUG, "where it came from", e);
            throw source.problem(PluginFaults.ofModules(e));
        }
    }

    /** {@return what is in the JARs, by the modules' names} */
    private static LinkedHashMap<String, ModuleReference> modules(PluginSource source, List<Path> jars) {
        var modules = new LinkedHashMap<String, ModuleReference>();
        var packages = new HashMap<String, String>(); // to the module that has it
        for (var jar : jars) {
            for (var module : modules(source, jar)) {
                var name = module.descriptor().name();
                if (module.descriptor().packages().contains(API)) {
                    var file = Printable.line(jar.getFileName().toString());
                    throw source.problem("it brings " + API + " along, which the server has; "
                            + (name.equals(API) ? "remove " : "leave that out of ") + file);
                }
                if (modules.putIfAbsent(name, module) != null) {
                    throw source.problem("two of its JARs are module " + name + "; remove one of them");
                }
                for (var each : module.descriptor().packages()) {
                    var other = packages.putIfAbsent(each, name);
                    if (other != null) {
                        throw source.problem("package " + each + " is in two of its modules, " + other + " and " + name
                                + "; it may be in one alone: remove one of the JARs");
                    }
                }
            }
        }
        return modules;
    }

    /** Each module that its own require is there, among them or in the server. */
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
            LOG.log(Level.DEBUG, "where it came from", e);
            throw source.problem(PluginFaults.ofJar(name, e));
        }
    }

    /** {@return the modules that a name may come from} */
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

    /** A module remembers the version of each that it was compiled against. */
    private static void requireApi(PluginSource source, ModuleDescriptor module) {
        var api = Transport.class.getModule().getDescriptor();
        if (api == null || api.rawVersion().isEmpty()) {
            return; // on the class path
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

    /** Remove what was copied for it: none of it is used any more. */
    public void release() {
        release.run();
    }

    public PluginSource source() {
        return source;
    }

    /** {@return whether its manifest says what it has, so that it need not be loaded to know} */
    boolean isDeclared() {
        return !names.isEmpty();
    }

    /**
     * {@return whether its manifest says that it has this}
     *
     * @param asked a transport's or a policy's name, or a key that begins with it
     */
    boolean declares(String asked) {
        return names.stream().anyMatch(name -> asked.equals(name) || asked.startsWith(name + "-"));
    }

    /** {@return that nobody asks for it, and what to do: which settings it needs only its code knows, and that is not run} */
    String unasked() {
        return source.describe() + " does not run: "
                + (isDeclared()
                        ? "the configuration names neither an endpoint, a type nor a policy "
                                + String.join(" or ", names)
                        : "the configuration names nothing that the image has not; \"socketforwarder plugins\" lists what"
                                + " it provides");
    }

    /**
     * Check that its manifest is right.
     *
     * @param made the names of all that it has
     * @throws PluginException if not
     */
    void requireDeclared(Set<String> made) {
        if (isDeclared() && !names.equals(made)) {
            throw source.problem("it provides " + String.join(", ", new TreeSet<>(made)) + ", but its manifest says "
                    + PluginNames.ATTRIBUTE + ": " + String.join(", ", names) + "; correct the manifest");
        }
    }

    /**
     * {@return its transports, made now}
     *
     * @throws PluginException if one cannot be
     */
    List<Plugin<Transport>> transports() {
        return providers(Transport.class, Transport::type, "transport");
    }

    /**
     * {@return its handshake policies, made now}
     *
     * @throws PluginException if one cannot be
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
                // It finds those of the layers below as well.
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
            throw source.problem("its " + kind + " calls itself " + (name == null ? "null" : Printable.quoted(name))
                    + ", but a name is lower-case letters and digits with dashes between, and no key of the top level");
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
