package dev.socketforwarder.transport.nats;

import io.nats.client.AuthHandler;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Proves to a server who the forwarder is: with a credentials file (a JWT and the seed of an NKey), or with the seed alone. The JDK
 * makes the signatures (Ed25519), since the NATS client's own way needs a library that is larger than the rest of the image.
 */
final class NKeyAuth implements AuthHandler {
    private static final Pattern JWT =
            Pattern.compile("-+BEGIN [A-Z ]*JWT-+\\s+([A-Za-z0-9._-]+)\\s+-+END [A-Z ]*JWT-+");
    private static final Pattern SEED = Pattern.compile("-+BEGIN [A-Z ]*SEED-+\\s+([A-Z2-7]+)\\s+-+END [A-Z ]*SEED-+");
    private static final Pattern BARE_SEED = Pattern.compile("\\s*(SU[A-Z2-7]{56})\\s*");
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private static final byte USER = (byte) (20 << 3); // "U", the first letter of a user's public key
    private static final int SEED_BYTES = 32;
    /** What precedes the seed in a private key of Ed25519 (PKCS #8, RFC 8410). */
    private static final byte[] PKCS8 = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final String jwt; // null if the seed is everything
    private final PrivateKey key;
    private final String publicKey;

    private NKeyAuth(String jwt, String seed) throws GeneralSecurityException {
        this.jwt = jwt;
        byte[] bytes = seedBytes(seed);
        var encoded = Arrays.copyOf(PKCS8, PKCS8.length + SEED_BYTES);
        System.arraycopy(bytes, 0, encoded, PKCS8.length, SEED_BYTES);
        this.key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        this.publicKey = publicKey(bytes);
    }

    /**
     * {@return the proof that this text allows}
     *
     * @param credentials the content of a credentials file, or the seed of a user's NKey
     * @throws IllegalArgumentException if the text is neither; the message shows nothing of it
     */
    static NKeyAuth of(String credentials) {
        var bare = BARE_SEED.matcher(credentials);
        var jwt = JWT.matcher(credentials);
        var seed = SEED.matcher(credentials);
        try {
            if (bare.matches()) {
                return new NKeyAuth(null, bare.group(1));
            }
            if (jwt.find() && seed.find()) {
                return new NKeyAuth(jwt.group(1), seed.group(1));
            }
        } catch (GeneralSecurityException _) {
            // The exception below says all that may be shown.
        }
        throw new IllegalArgumentException("neither a credentials file of NATS nor the seed of a user's NKey");
    }

    @Override
    public byte[] sign(byte[] nonce) {
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(nonce);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public char[] getID() {
        return publicKey.toCharArray();
    }

    @Override
    public char[] getJWT() {
        return jwt == null ? null : jwt.toCharArray();
    }

    /** {@return the 32 bytes in a seed, which follow two bytes that say what it is} */
    private static byte[] seedBytes(String seed) throws GeneralSecurityException {
        byte[] all = decode(seed);
        if (all.length != 2 + SEED_BYTES + 2) {
            throw new GeneralSecurityException("wrong length");
        }
        var checked = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        if (checked.getShort(2 + SEED_BYTES) != crc(all, 2 + SEED_BYTES)) {
            throw new GeneralSecurityException("wrong checksum");
        }
        return Arrays.copyOfRange(all, 2, 2 + SEED_BYTES);
    }

    private static String publicKey(byte[] seed) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("Ed25519");
        // The JDK has no other way from a private key to its public key: its generator makes one of 32 random bytes.
        generator.initialize(NamedParameterSpec.ED25519, new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(seed, 0, bytes, 0, bytes.length);
            }
        });
        byte[] encoded = generator.generateKeyPair().getPublic().getEncoded();
        var text = ByteBuffer.allocate(1 + SEED_BYTES + 2).order(ByteOrder.LITTLE_ENDIAN);
        text.put(0, USER).put(1, encoded, encoded.length - SEED_BYTES, SEED_BYTES); // the key itself is the last part
        text.putShort(1 + SEED_BYTES, crc(text.array(), 1 + SEED_BYTES));
        return encode(text.array());
    }

    /** {@return the CRC-16 of the first bytes (XMODEM: polynomial 1021)} */
    private static short crc(byte[] bytes, int length) {
        int crc = 0;
        for (int i = 0; i < length; i++) {
            crc ^= (bytes[i] & 0xff) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ 0x1021;
            }
        }
        return (short) crc;
    }

    private static byte[] decode(String text) {
        var bytes = new ByteArrayOutputStream();
        int bits = 0;
        int held = 0;
        for (int i = 0; i < text.length(); i++) {
            held = held << 5 | BASE32.indexOf(text.charAt(i));
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                bytes.write(held >> bits);
            }
        }
        return bytes.toByteArray();
    }

    private static String encode(byte[] bytes) {
        var text = new StringBuilder();
        int bits = 0;
        int held = 0;
        for (byte each : bytes) {
            held = held << 8 | each & 0xff;
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(BASE32.charAt(held >> bits & 31));
            }
        }
        return bits == 0
                ? text.toString()
                : text.append(BASE32.charAt(held << 5 - bits & 31)).toString();
    }
}
