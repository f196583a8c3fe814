package dev.socketforwarder.runtime;

import java.util.Set;

/** Which values are never shown: in messages, in logs, in what {@code config} prints. */
final class Secrets {
    static final String MASK = "********";

    private static final Set<String> WORDS = Set.of("password", "passphrase", "secret", "token", "credentials");

    private Secrets() {}

    /** {@return whether the last word of a key says so} */
    static boolean isSecret(String key) {
        int start = Math.max(key.lastIndexOf('.'), key.lastIndexOf('-')) + 1;
        return WORDS.contains(key.substring(start));
    }
}
