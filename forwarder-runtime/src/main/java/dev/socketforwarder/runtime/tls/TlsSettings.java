package dev.socketforwarder.runtime.tls;

import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The setting {@code tls} of an endpoint that has a certificate.
 *
 * @param certificate PEM file with the server's certificate and its intermediate certificates
 * @param key PEM file with the private key
 * @param clientCa PEM file with the authorities of client certificates; unused with {@link ClientAuth#NONE}
 */
public record TlsSettings(Path certificate, Path key, ClientAuth clientAuth, Optional<Path> clientCa) {
    static final String CERTIFICATE = Keys.TLS_CERTIFICATE;
    static final String KEY = Keys.TLS_KEY;
    public static final String CLIENT_AUTH = "client-auth";
    static final String CLIENT_CA = Keys.TLS_CLIENT_CA;

    /** Whether clients must show a certificate. */
    public enum ClientAuth {
        /** Clients are not asked. */
        NONE,
        /** Clients are asked; one without a certificate is admitted. */
        WANT,
        /** A client without a certificate is refused. */
        NEED
    }

    /**
     * {@return the settings of the section; empty if the section is empty}
     *
     * @throws dev.socketforwarder.api.SettingException if the section lacks the certificate or the key: the endpoint
     *     would not be protected
     */
    public static Optional<TlsSettings> read(SettingsView section) {
        Stream.of(CERTIFICATE, KEY, CLIENT_AUTH, CLIENT_CA).forEach(section::find); // marks the keys as known
        if (!section.isThere()) {
            return Optional.empty();
        }
        var certificate = path(section, CERTIFICATE)
                .orElseThrow(() -> section.missing(
                        CERTIFICATE, "the PEM file of the server's certificate; leave out tls for plain connections"));
        var key = path(section, KEY)
                .orElseThrow(() -> section.missing(KEY, "the PEM file of the certificate's private key"));
        section.warnIfPublic(KEY, key.toString());
        var clientAuth = clientAuth(section);
        var clientCa = path(section, CLIENT_CA);
        if (clientAuth != ClientAuth.NONE && clientCa.isEmpty()) {
            throw section.invalid(CLIENT_CA, "", "the PEM file of the authorities, which client-auth needs");
        }
        if (clientAuth == ClientAuth.NONE && clientCa.isPresent()) {
            throw section.invalid(
                    CLIENT_CA,
                    clientCa.get().toString(),
                    "unset, unless client-auth is want or need: no client is asked");
        }
        return Optional.of(new TlsSettings(certificate, key, clientAuth, clientCa));
    }

    public static ClientAuth clientAuth(Settings section) {
        return section.choice(CLIENT_AUTH, ClientAuth.NONE);
    }

    private static Optional<Path> path(Settings section, String key) {
        var text = section.text(key, "");
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException _) {
            throw section.invalid(key, text, "the path of a PEM file");
        }
    }

    /** {@return the files in use} */
    List<Path> files() {
        var trusted = clientAuth == ClientAuth.NONE ? Stream.<Path>empty() : clientCa.stream();
        return Stream.concat(Stream.of(certificate, key), trusted).toList();
    }
}
