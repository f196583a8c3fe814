package dev.socketforwarder.runtime.tls;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.tls.TlsMaterial.Unusable;
import dev.socketforwarder.runtime.tls.TlsSettings.ClientAuth;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;

/**
 * TLS of one endpoint. Its files are loaded before the start and again when they change. If that fails, the old
 * certificate stays in force. Connections keep the certificate that they began with.
 */
public final class EndpointTls implements Tls, AutoCloseable {
    private static final Logger LOG = System.getLogger(EndpointTls.class.getName());
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private final String endpoint;
    private final TlsSettings settings;
    private final Settings section;
    private volatile TlsMaterial material; // null until loaded
    private List<String> seen = List.of(); // the state of the files when they were last loaded
    private Thread watch;

    public EndpointTls(String endpoint, TlsSettings settings, Settings section) {
        this.endpoint = endpoint;
        this.settings = settings;
        this.section = section;
    }

    /**
     * Load the files for the first time.
     *
     * @throws SettingException if a file cannot be used
     */
    public void load() {
        if (material != null) {
            return;
        }
        seen = look();
        try {
            material = TlsMaterial.load(settings);
        } catch (Unusable e) {
            throw section.invalid(e.key, e.file, "a PEM file that TLS can use: " + e.getMessage());
        }
        if (!material.isValidAt(Instant.now())) {
            LOG.log(Level.WARNING, endpoint + " has a certificate that is not valid now: " + material.describe());
        }
    }

    /** Load the files again whenever they change, until {@link #close}. */
    public void watch() {
        // Not a virtual thread: reading a network folder may hang, and virtual threads share few carriers.
        watch = Thread.ofPlatform().name("tls-files-" + endpoint).daemon().start(() -> {
            try {
                while (true) {
                    Thread.sleep(BETWEEN_LOOKS);
                    lookAgain();
                }
            } catch (InterruptedException _) {
                // Closed.
            }
        });
    }

    /** Load the files again if they changed. */
    void lookAgain() {
        var now = look();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        try {
            var loaded = TlsMaterial.load(settings);
            if (!loaded.isValidAt(Instant.now())) {
                throw new Unusable(
                        TlsSettings.CERTIFICATE, settings.certificate(), "it is not valid now: " + loaded.describe());
            }
            material = loaded;
            LOG.log(Level.INFO, endpoint + " has loaded its certificate again: " + loaded.describe());
        } catch (Unusable e) {
            LOG.log(
                    Level.WARNING,
                    endpoint + " keeps its certificate, since the new " + e.key + " " + Printable.quoted(e.file)
                            + " cannot be used: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, endpoint + " keeps its certificate, since loading the new one failed", e);
        }
    }

    /** {@return a text for each file, which changes whenever the file is written or replaced} */
    private List<String> look() {
        return settings.files().stream().map(EndpointTls::look).toList();
    }

    private static String look(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException _) {
            return "";
        }
    }

    @Override
    public SSLEngine newEngine() {
        var engine = material.context().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(VERSIONS);
        if (settings.clientAuth() == ClientAuth.NEED) {
            engine.setNeedClientAuth(true);
        } else if (settings.clientAuth() == ClientAuth.WANT) {
            engine.setWantClientAuth(true);
        }
        return engine;
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.interrupt();
        }
    }
}
