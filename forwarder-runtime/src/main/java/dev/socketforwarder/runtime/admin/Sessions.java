package dev.socketforwarder.runtime.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Knows who is signed in. A browser that sent the token once gets a session, and keeps the session's secret in a
 * cookie. The number of sessions is bounded; the oldest ends first. Thread-safe.
 */
final class Sessions {
    /** How long a session lasts. */
    static final Duration LONGEST = Duration.ofHours(12);

    private static final int MOST = 100;
    private static final int BYTES = 32;

    private final Optional<byte[]> token;
    private final LongSupplier nanoClock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Long> begunNs = new LinkedHashMap<>(); // guarded by this

    Sessions(Optional<String> token, LongSupplier nanoClock) {
        this.token = token.map(text -> text.getBytes(StandardCharsets.UTF_8));
        this.nanoClock = nanoClock;
    }

    /** {@return whether there is a token, so that one can sign in} */
    boolean canSignIn() {
        return token.isPresent();
    }

    /** {@return whether this is the token; the time that the comparison takes tells nothing of the token} */
    boolean isToken(String text) {
        return token.isPresent() && MessageDigest.isEqual(token.get(), text.getBytes(StandardCharsets.UTF_8));
    }

    /** {@return the secret of a new session} */
    synchronized String begin() {
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        var secret = HexFormat.of().formatHex(bytes);
        if (begunNs.size() == MOST) {
            begunNs.remove(begunNs.keySet().iterator().next());
        }
        begunNs.put(secret, nanoClock.getAsLong());
        return secret;
    }

    /** {@return whether this is the secret of a session that lasts} */
    synchronized boolean isLasting(String secret) {
        var begun = begunNs.get(secret);
        if (begun != null && nanoClock.getAsLong() - begun > LONGEST.toNanos()) {
            begunNs.remove(secret);
            return false;
        }
        return begun != null;
    }

    synchronized void end(String secret) {
        begunNs.remove(secret);
    }
}
