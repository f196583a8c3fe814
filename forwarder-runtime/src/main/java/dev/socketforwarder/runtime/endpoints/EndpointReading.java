package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.plugins.Plugin;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.PluginFaults;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.policies.HandshakeChain;
import dev.socketforwarder.runtime.tls.DialledTls;
import dev.socketforwarder.runtime.tls.EndpointTls;
import dev.socketforwarder.runtime.tls.TlsSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Holds what one reading of the configuration says of an endpoint: its settings, and the handshakes and certificates made of them. */
final class EndpointReading {
    private final String endpoint;
    private final SettingsView settings;
    private static final Duration LONGEST_ANSWER = Duration.ofMinutes(1);

    private final List<HandshakeChain> handshakes = new ArrayList<>();
    private final Set<String> policyPlugins = new HashSet<>();
    private final List<DialledTls> dialledTls = new CopyOnWriteArrayList<>(); // of the servers that the endpoint dials
    private volatile EndpointTls tls; // null: the endpoint has no certificate, or nobody asked
    private volatile boolean confidential;
    private boolean prepared;

    EndpointReading(String endpoint, SettingsView settings) {
        this.endpoint = endpoint;
        this.settings = settings;
    }

    SettingsView settings() {
        return settings;
    }

    HandshakeChain handshake(List<String> defaults, Plugins plugins) {
        var names = settings.list("handshake", defaults);
        var policies = plugins.policies();
        var allowed = "a list of one or more of the installed policies: " + String.join(", ", policies.keySet());
        if (names.isEmpty()) {
            throw settings.invalid("handshake", "", allowed);
        }
        var links = new ArrayList<HandshakeChain.Link>();
        for (var policy : names) {
            var plugin = policies.get(policy);
            if (plugin == null) {
                throw settings.invalid("handshake", policy, allowed);
            }
            policyPlugins.add(plugin.plugin());
            links.add(new HandshakeChain.Link(plugin.describe(), create(plugin), plugin.isForeign()));
        }
        PolicyOrder.check(settings, names);
        var chain = new HandshakeChain(links, System::nanoTime);
        handshakes.add(chain);
        confidential |= chain.isConfidential();
        return chain;
    }

    private Handshake create(Plugin<HandshakePolicy> plugin) {
        try {
            var handshake = plugin.service().create(settings);
            if (handshake == null) {
                throw new IllegalStateException("no handshake");
            }
            return handshake;
        } catch (SettingException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            throw new PluginException(
                    "handshake policy " + plugin.describe() + " failed for endpoint " + endpoint + ": "
                            + PluginFaults.ofCode(e),
                    e);
        }
    }

    Optional<Tls> tls() {
        if (tls == null) {
            var section = settings.section(Keys.TLS);
            tls = TlsSettings.read(section)
                    .map(read -> new EndpointTls(endpoint, read, section))
                    .orElse(null);
        }
        return Optional.ofNullable(tls);
    }

    Optional<Tls> tlsTo(Settings server, String host) {
        var read = DialledTls.read(endpoint, server.section(Keys.TLS), host);
        read.ifPresent(dialledTls::add);
        return read.map(Function.identity());
    }

    /** {@return whether one of the policies belongs to this plugin} */
    boolean asks(String plugin) {
        return policyPlugins.contains(plugin);
    }

    /** {@return whether a first message may hold a secret} */
    boolean isConfidential() {
        return confidential;
    }

    /**
     * Load the files that the configuration names.
     *
     * @throws SettingException if a file cannot be used
     */
    void load() {
        if (tls != null) {
            tls.load();
        }
        dialledTls.forEach(DialledTls::load);
    }

    /** Load the files, watch them, and let the handshakes look up and load what they need. */
    void prepare() throws IOException {
        if (prepared) {
            return;
        }
        prepared = true;
        load();
        if (tls != null) {
            tls.watch();
        }
        dialledTls.forEach(DialledTls::watch);
        for (var handshake : handshakes) {
            handshake.prepare();
        }
    }

    /**
     * Take over the certificates for servers that the endpoint dials already, and let go of those that it does not dial.
     *
     * @param dialled what makes the engines for the servers that are dialled now
     */
    void takeDialled(EndpointReading before, Set<Tls> dialled) {
        // Equal ones are not the same: one of them may have been loaded again.
        var inUse = Collections.<Tls>newSetFromMap(new IdentityHashMap<>());
        inUse.addAll(dialled);
        dialledTls.addAll(before.dialledTls);
        before.dialledTls.clear();
        dialledTls.stream().filter(each -> !inUse.contains(each)).forEach(DialledTls::close);
        dialledTls.removeIf(each -> !inUse.contains(each));
    }

    /** Release what {@link #prepare} began, once policies of plugins have had time to answer those who asked before. */
    void retire() {
        if (handshakes.stream().noneMatch(HandshakeChain::isForeign)) {
            close();
            return;
        }
        Thread.ofVirtual().name(endpoint + "-retire").start(() -> {
            try {
                Thread.sleep(LONGEST_ANSWER);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            close();
        });
    }

    /** Release what {@link #prepare} began. */
    void close() {
        handshakes.forEach(Handshake::close);
        if (tls != null) {
            tls.close();
        }
        dialledTls.forEach(DialledTls::close);
    }
}
