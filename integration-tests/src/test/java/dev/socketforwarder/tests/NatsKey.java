package dev.socketforwarder.tests;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.Base64;

/**
 * A key of NATS (NKey): an Ed25519 key whose text begins with the letter of its kind.
 *
 * @param kind five bits, which make that letter
 */
record NatsKey(int kind, KeyPair pair) {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int KEY_BYTES = 32;

    private static NatsKey ofKind(char letter) {
        try {
            return new NatsKey(
                    BASE32.indexOf(letter),
                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static NatsKey ofOperator() {
        return ofKind('O');
    }

    static NatsKey ofAccount() {
        return ofKind('A');
    }

    static NatsKey ofUser() {
        return ofKind('U');
    }

    String publicText() {
        byte[] encoded = pair.getPublic().getEncoded();
        return text(
                new byte[] {(byte) (kind << 3)},
                Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length));
    }

    String seed() {
        byte[] prefix = {(byte) (BASE32.indexOf('S') << 3 | kind >> 2), (byte) (kind << 6)};
        return text(prefix, ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow());
    }

    /** {@return a token (JWT) in which this key vouches for another one} */
    String voucher(NatsKey subject, String claims) {
        var header = base64("""
                {"typ":"JWT","alg":"ed25519-nkey"}""".getBytes(StandardCharsets.UTF_8));
        var body = base64("""
                {"jti":"test","iat":%d,"iss":"%s","sub":"%s","name":"test","nats":%s}""".formatted(System.currentTimeMillis() / 1_000, publicText(), subject.publicText(), claims)
                .getBytes(StandardCharsets.UTF_8));
        var signed = header + "." + body;
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(pair.getPrivate());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String text(byte[] prefix, byte[] key) {
        var all = ByteBuffer.allocate(prefix.length + key.length + 2).order(ByteOrder.LITTLE_ENDIAN);
        all.put(prefix).put(key).putShort(crc(all.array(), all.position()));
        var bits = new ByteArrayOutputStream();
        for (byte each : all.array()) {
            for (int bit = 7; bit >= 0; bit--) {
                bits.write(each >> bit & 1);
            }
        }
        byte[] padded = Arrays.copyOf(bits.toByteArray(), Math.ceilDiv(bits.size(), 5) * 5);
        var text = new StringBuilder();
        for (int i = 0; i < padded.length; i += 5) {
            text.append(BASE32.charAt(
                    padded[i] << 4 | padded[i + 1] << 3 | padded[i + 2] << 2 | padded[i + 3] << 1 | padded[i + 4]));
        }
        return text.toString();
    }

    /** {@return the CRC-16 of the first bytes (XMODEM)} */
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
}
