package dev.socketforwarder.runtime.config;

import dev.socketforwarder.runtime.text.Printable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;

/** Knows which values are never shown, whether in messages, in logs, or by {@code config}. */
final class Secrets {
    static final String MASK = "********";

    private static final Set<String> WORDS = Set.of("password", "passphrase", "secret", "token", "credentials");
    /** Whether a token may come in the query is no token. */
    private static final Set<String> FLAGS = Set.of("true", "false");

    private static final Set<String> FILES_OF_TLS = Set.of(
            Keys.TLS + "." + Keys.TLS_CERTIFICATE, Keys.TLS + "." + Keys.TLS_KEY, Keys.TLS + "." + Keys.TLS_CLIENT_CA);

    /** What stands before the host in {@code nats://user:password@host:4222}, where the scheme may be missing. */
    private static final Pattern LOGIN = Pattern.compile("(?<=//)[^/]*@|^[^/,]*:[^/,]*@(?=[^@/]*:[0-9]+$)");

    private Secrets() {}

    /** {@return whether the last word of a key names a secret} */
    static boolean isSecret(String key) {
        int start = Math.max(key.lastIndexOf('.'), key.lastIndexOf('-')) + 1;
        return WORDS.contains(key.substring(start));
    }

    /**
     * {@return whether a value must stay hidden: the value of a secret, unless it is a flag, or a value that should name the file
     * of a secret but names no file, since that value may be the secret itself}
     *
     * @param key in full
     */
    static boolean hides(String key, String value) {
        return isSecret(key) && !FLAGS.contains(value) || isFile(key) && !value.isEmpty() && !exists(value);
    }

    /** {@return a value in quotes without the login in a URL, or the mask of a value that is not to be shown} */
    static String shown(String key, String value) {
        return hides(key, value) ? MASK : Printable.quoted(LOGIN.matcher(value).replaceAll(MASK + "@"));
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
