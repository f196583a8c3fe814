package dev.socketforwarder.runtime.tls;

import dev.socketforwarder.runtime.text.Printable;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;

/** Reads private keys from PEM blocks: PKCS#8, and the traditional forms of RSA (PKCS#1) and EC (SEC 1) keys. */
final class PrivateKeys {
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
    // DER of the PKCS#8 version and of the AlgorithmIdentifiers.
    private static final byte[] VERSION = HexFormat.of().parseHex("020100");
    private static final byte[] RSA_ALGORITHM = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC_OID = HexFormat.of().parseHex("06072a8648ce3d0201");
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int EC_PARAMETERS = 0xa0;

    private PrivateKeys() {}

    /**
     * Read the one key of a file.
     *
     * @throws TlsException if the file holds no key, several keys, or an encrypted one
     */
    static PrivateKey of(PemFile file) throws TlsException {
        var keys = file.blocks().stream()
                .filter(block -> block.label().endsWith("PRIVATE KEY"))
                .toList();
        if (keys.size() != 1) {
            throw new TlsException(keys.isEmpty() ? "it holds no private key" : "it holds more than one private key");
        }
        var key = keys.getFirst();
        if (key.isEncrypted()) {
            throw new TlsException("its key is encrypted, which is not supported: decrypt it with"
                    + " \"openssl pkey -in FILE -out NEW\" and protect the file by its permissions");
        }
        try {
            return switch (key.label()) {
                case "PRIVATE KEY" -> decoded(key.der());
                case "RSA PRIVATE KEY" -> decoded(der(SEQUENCE, VERSION, RSA_ALGORITHM, der(OCTETS, key.der())));
                case "EC PRIVATE KEY" ->
                    decoded(der(SEQUENCE, VERSION, der(SEQUENCE, EC_OID, curve(key.der())), der(OCTETS, key.der())));
                default ->
                    throw new TlsException("a key of the kind " + Printable.quoted(key.label())
                            + " is not supported: convert it with \"openssl pkey\"");
            };
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            throw new TlsException("its private key is damaged");
        }
    }

    private static PrivateKey decoded(byte[] pkcs8) throws TlsException {
        for (var algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException _) {
                // Perhaps the key is of another algorithm.
            } catch (NoSuchAlgorithmException e) {
                throw new TlsException("this Java has no " + algorithm + ": " + e.getMessage());
            }
        }
        throw new TlsException("its private key is damaged, or of an algorithm or curve that this Java does not have");
    }

    /** {@return the parameters of a SEC 1 key, which name its curve} */
    private static byte[] curve(byte[] sec1) throws TlsException {
        var elements = ByteBuffer.wrap(sec1);
        enter(elements);
        while (elements.hasRemaining()) {
            int tag = elements.get(elements.position()) & 0xff;
            int length = enter(elements);
            if (tag == EC_PARAMETERS) {
                var parameters = new byte[length];
                elements.get(parameters);
                return parameters;
            }
            elements.position(elements.position() + length);
        }
        throw new TlsException("its EC key does not name its curve: convert it with \"openssl pkey\"");
    }

    /**
     * Advance to the content of an element.
     *
     * @return the length of the content
     */
    private static int enter(ByteBuffer der) {
        der.get();
        int length = der.get() & 0xff;
        if (length >= 0x80) {
            int bytes = length & 0x7f;
            if (bytes > 3) {
                throw new IllegalArgumentException("too long");
            }
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = length << 8 | der.get() & 0xff;
            }
        }
        if (length > der.remaining()) {
            throw new BufferUnderflowException();
        }
        return length;
    }

    private static byte[] der(int tag, byte[]... contents) {
        int length = 0;
        for (var part : contents) {
            length += part.length;
        }
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(length >>> 8 * i);
            }
        }
        for (var part : contents) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
