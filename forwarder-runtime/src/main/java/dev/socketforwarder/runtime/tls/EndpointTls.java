package dev.socketforwarder.runtime.tls;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.tls.TlsMaterial.Unusable;
import dev.socketforwarder.runtime.tls.TlsSettings.ClientAuth;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * TLS of one endpoint. The files are loaded before the start, and again when they change. If the files cannot be loaded
 * again, the old certificate stays in force. Connections keep the certificate that they began with.
 */
public final class EndpointTls implements Tls, AutoCloseable {
    private static final Logger LOG = System.getLogger(EndpointTls.class.getName());
    static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private final String endpoint;
    private final TlsSettings settings;
    private final Settings section;
    private final WatchedFiles files;
    private volatile TlsMaterial material; // null until loaded

    public EndpointTls(String endpoint, TlsSettings settings, Settings section) {
        this.endpoint = endpoint;
        this.settings = settings;
        this.section = section;
        this.files = new WatchedFiles(endpoint, settings.files(), this::loadAgain);
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
        files.remember();
        try {
            material = TlsMaterial.load(settings);
        } catch (Unusable e) {
            throw section.invalid(e.key, e.file, "a PEM file that TLS can use: " + e.getMessage());
        }
        warn(material);
    }

    private void warn(TlsMaterial loaded) {
        loaded.concerns(Instant.now()).forEach(line -> LOG.log(Level.WARNING, endpoint + " " + line));
    }

    /** {@return what makes engines with the certificate that is in force now} */
    public SSLContext context() {
        return material.context();
    }

    /** Load the files again whenever they change, until {@link #close}. */
    public void watch() {
        files.watch();
    }

    /** Load the files again if they changed. */
    void lookAgain() {
        files.lookAgain();
    }

    private void loadAgain() {
        try {
            var loaded = TlsMaterial.load(settings);
            if (!loaded.isValidAt(Instant.now())) {
                throw new Unusable(
                        TlsSettings.CERTIFICATE, settings.certificate(), "it is not valid now: " + loaded.describe());
            }
            material = loaded;
            LOG.log(Level.INFO, endpoint + " has loaded its certificate again: " + loaded.describe());
            warn(loaded);
        } catch (Unusable e) {
            LOG.log(
                    Level.WARNING,
                    endpoint + " keeps its old certificate, since the new " + e.key + " " + Printable.quoted(e.file)
                            + " cannot be used: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, endpoint + " keeps its old certificate, since loading the new one failed", e);
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
        files.close();
    }
}
