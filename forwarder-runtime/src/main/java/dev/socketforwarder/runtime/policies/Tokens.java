package dev.socketforwarder.runtime.policies;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens that are signed and expire: {@code <expiry>.<signature>}, the expiry in seconds since 1970, the signature an
 * HMAC-SHA-256 in base64url over that and what the token is for.
 */
public final class Tokens {
    private static final String ALGORITHM = "HmacSHA256";
    /** Keeps a signature from being one of anything else that the same secret may sign one day. */
    private static final String PURPOSE = "socketforwarder token 1\n";

    /** What a token lets in to. */
    public enum Scope {
        /** A group that peers can name. */
        GROUP,
        /** The group of one endpoint, as that of UDP. */
        ENDPOINT
    }

    private Tokens() {}

    public static String make(byte[] secret, Scope scope, String name, Instant expiry) {
        long seconds = expiry.getEpochSecond();
        var signature = signature(secret, scope, ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), seconds);
        return seconds + "." + new String(signature, StandardCharsets.US_ASCII);
    }

    /** {@return the signature as a token has it: comparing that, nobody needs to decode what a peer sent} */
    static byte[] signature(byte[] secret, Scope scope, ByteBuffer name, long expirySeconds) {
        var mac = mac(secret);
        mac.update((PURPOSE + scope + "\n" + expirySeconds + "\n").getBytes(StandardCharsets.US_ASCII));
        mac.update(name.duplicate());
        return Base64.getUrlEncoder().withoutPadding().encode(mac.doFinal());
    }

    /** {@return a digest that tells nothing of the text without the key, for a comparison that takes the same time always} */
    static byte[] digest(byte[] key, ByteBuffer text) {
        var mac = mac(key);
        mac.update(text.duplicate());
        return mac.doFinal();
    }

    private static Mac mac(byte[] key) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
