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
 * @param certificate PEM: the server's certificate and those between it and its authority
 * @param key PEM: its private key
 * @param clientCa PEM: the authorities of clients' certificates; with {@link ClientAuth#NONE} unused
 */
public record TlsSettings(Path certificate, Path key, ClientAuth clientAuth, Optional<Path> clientCa) {
    static final String CERTIFICATE = Keys.TLS_CERTIFICATE;
    static final String KEY = Keys.TLS_KEY;
    public static final String CLIENT_AUTH = "client-auth";
    static final String CLIENT_CA = Keys.TLS_CLIENT_CA;

    /** Whether clients show a certificate. */
    public enum ClientAuth {
        /** They are not asked. */
        NONE,
        /** They are asked; one that has none is let in. */
        WANT,
        /** One that has none is turned away. */
        NEED
    }

    /**
     * {@return what stands there; empty if nothing does}
     *
     * @throws dev.socketforwarder.api.SettingException if it is there, but says too little: it would not protect
     */
    public static Optional<TlsSettings> read(SettingsView section) {
        if (!section.isThere()) {
            Stream.of(CERTIFICATE, KEY, CLIENT_AUTH, CLIENT_CA).forEach(section::find); // so that they are known
            return Optional.empty();
        }
        var certificate = path(section, CERTIFICATE)
                .orElseThrow(() -> section.invalid(
                        CERTIFICATE, "", "the PEM file of the server's certificate; without tls at all it is plain"));
        var key = path(section, KEY)
                .orElseThrow(() -> section.invalid(KEY, "", "the PEM file of the certificate's private key"));
        section.warnIfPublic(KEY, key.toString());
        var clientAuth = clientAuth(section);
        var clientCa = path(section, CLIENT_CA);
        if (clientAuth != ClientAuth.NONE && clientCa.isEmpty()) {
            throw section.invalid(CLIENT_CA, "", "the PEM file of the authorities that client-auth asks for");
        }
        if (clientAuth == ClientAuth.NONE && clientCa.isPresent()) {
            throw section.invalid(
                    CLIENT_CA, clientCa.get().toString(), "unset, unless client-auth is want or need: nobody is asked");
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
