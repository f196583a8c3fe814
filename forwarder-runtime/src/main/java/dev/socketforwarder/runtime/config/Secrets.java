package dev.socketforwarder.runtime.config;

import dev.socketforwarder.runtime.text.Printable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

/** Which values are never shown: in messages, in logs, in what {@code config} prints. */
final class Secrets {
    static final String MASK = "********";

    private static final Set<String> WORDS = Set.of("password", "passphrase", "secret", "token", "credentials");
    private static final Set<String> FILES_OF_TLS = Set.of(
            Keys.TLS + "." + Keys.TLS_CERTIFICATE, Keys.TLS + "." + Keys.TLS_KEY, Keys.TLS + "." + Keys.TLS_CLIENT_CA);

    private Secrets() {}

    /** {@return whether the last word of a key says so} */
    static boolean isSecret(String key) {
        int start = Math.max(key.lastIndexOf('.'), key.lastIndexOf('-')) + 1;
        return WORDS.contains(key.substring(start));
    }

    /**
     * {@return whether a value is not to be shown: that of a secret; and what stands where the name of a secret's file
     * belongs, but is none, as it may be the secret itself}
     *
     * @param key in full
     */
    static boolean hides(String key, String value) {
        return isSecret(key) || isFile(key) && !value.isEmpty() && !exists(value);
    }

    /** {@return a value in quotes, or what stands for one that is not to be shown} */
    static String shown(String key, String value) {
        return hides(key, value) ? MASK : Printable.quoted(value);
    }

    private static boolean isFile(String key) {
        return key.endsWith(Keys.SECRET_FILE) && isSecret(key.substring(0, key.length() - Keys.SECRET_FILE.length()))
                || FILES_OF_TLS.stream().anyMatch(key::endsWith);
    }

    private static boolean exists(String name) {
        try {
            return Files.exists(Path.of(name));
        } catch (InvalidPathException _) {
            return false;
        }
    }
}
