package dev.socketforwarder.runtime.policies;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes signed tokens that expire: {@code <expiry>.<signature>}. The expiry is in seconds since 1970. The signature is
 * an HMAC-SHA-256 in base64url over the expiry and the group or endpoint that the token is for.
 */
public final class Tokens {
    private static final String ALGORITHM = "HmacSHA256";
    /** Part of every signature, so that no other use of the same secret can yield a token. */
    private static final String PURPOSE = "socketforwarder token 1\n";

    /** The kinds of places that a token admits to. */
    public enum Scope {
        /** A group that peers name. */
        GROUP,
        /** The group of one endpoint, as with UDP. */
        ENDPOINT
    }

    private Tokens() {}

    public static String make(byte[] secret, Scope scope, String name, Instant expiry) {
        long seconds = expiry.getEpochSecond();
        var signature = signature(secret, scope, ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), seconds);
        return seconds + "." + new String(signature, StandardCharsets.US_ASCII);
    }

    /**
     * {@return the signature in the encoding of a token, so that the bytes of a peer need no decoding before the
     * comparison}
     */
    static byte[] signature(byte[] secret, Scope scope, ByteBuffer name, long expirySeconds) {
        var mac = mac(secret);
        mac.update((PURPOSE + scope + "\n" + expirySeconds + "\n").getBytes(StandardCharsets.US_ASCII));
        mac.update(name.duplicate());
        return Base64.getUrlEncoder().withoutPadding().encode(mac.doFinal());
    }

    /** {@return a digest that reveals nothing of the text without the key, for a comparison in constant time} */
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
