package dev.socketforwarder.runtime.tls;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.tls.TlsMaterial.Unusable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * TLS to one server that an endpoint dials, whose certificate has to be for a certain name and of a trusted authority. The file
 * of the authorities is loaded before the start, and again when it changes; what cannot be loaded then leaves in force what was.
 */
public final class DialledTls implements Tls, AutoCloseable {
    private static final Logger LOG = System.getLogger(DialledTls.class.getName());
    private static final String SERVER_NAME = "server-name";
    private static final String CA = "ca";

    private final String endpoint;
    private final String serverName;
    private final Optional<Path> ca; // empty: the JDK's own authorities
    private final Settings section;
    private final WatchedFiles files;
    private volatile SSLContext context; // null until loaded

    private DialledTls(String endpoint, String serverName, Optional<Path> ca, Settings section) {
        this.endpoint = endpoint;
        this.serverName = serverName;
        this.ca = ca;
        this.section = section;
        this.files = new WatchedFiles(endpoint, ca.stream().toList(), this::loadAgain);
    }

    /**
     * Read the setting {@code tls} of a server.
     *
     * @param endpoint the one that dials it
     * @param section that setting
     * @param host the server's name or address
     * @return empty if the section is not there
     * @throws SettingException if one of its settings is wrong
     */
    public static Optional<DialledTls> read(String endpoint, Settings section, String host) {
        if (!section.isThere()) {
            return Optional.empty();
        }
        var serverName = section.text(SERVER_NAME, host);
        if (!isNameOfCertificates(serverName)) {
            throw section.invalid(SERVER_NAME, serverName, "a host name or an address that a certificate can be for");
        }
        var file = section.text(CA, "");
        try {
            var ca = file.isEmpty() ? Optional.<Path>empty() : Optional.of(Path.of(file));
            return Optional.of(new DialledTls(endpoint, serverName, ca, section));
        } catch (InvalidPathException _) {
            throw section.invalid(CA, file, "the path of a PEM file");
        }
    }

    private static boolean isNameOfCertificates(String name) {
        try {
            return Lookups.isAddress(name)
                    || !new SNIHostName(name).getAsciiName().isEmpty();
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /**
     * Load the file for the first time.
     *
     * @throws SettingException if that fails
     */
    public void load() {
        if (context != null) {
            return;
        }
        files.remember();
        try {
            context = TlsMaterial.trusting(CA, ca, this::warn);
        } catch (Unusable e) {
            throw section.invalid(e.key, e.file, "a PEM file that TLS can use: " + e.getMessage());
        }
    }

    private void warn(String concern) {
        LOG.log(Level.WARNING, endpoint + " " + concern + ", for " + serverName);
    }

    /** Load the file again whenever it changes, until {@link #close}. */
    public void watch() {
        if (ca.isPresent()) {
            files.watch();
        }
    }

    /** Look at the file once. */
    void lookAgain() {
        files.lookAgain();
    }

    private void loadAgain() {
        try {
            context = TlsMaterial.trusting(CA, ca, this::warn);
            LOG.log(Level.INFO, endpoint + " has loaded the authorities for " + serverName + " again");
        } catch (Unusable e) {
            LOG.log(
                    Level.WARNING,
                    endpoint + " keeps the old authorities for " + serverName + ", since the new " + e.key + " "
                            + Printable.quoted(e.file) + " cannot be used: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    endpoint + " keeps the old authorities for " + serverName + ", since loading the new ones failed",
                    e);
        }
    }

    @Override
    public SSLEngine newEngine() {
        var engine = context.createSSLEngine(serverName, -1);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(EndpointTls.VERSIONS);
        var parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate has to be for the name (RFC 2818)
        if (!Lookups.isAddress(serverName)) {
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Equal settings make equal engines, so an endpoint can tell whether a server is dialled as before. */
    @Override
    public boolean equals(Object other) {
        return other instanceof DialledTls it
                && it.endpoint.equals(endpoint)
                && it.serverName.equals(serverName)
                && it.ca.equals(ca);
    }

    @Override
    public int hashCode() {
        return Objects.hash(endpoint, serverName, ca);
    }

    @Override
    public void close() {
        files.close();
    }
}
