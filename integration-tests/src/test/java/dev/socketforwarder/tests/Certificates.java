package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority in a folder, with the certificates that it issues, made by the JDK's keytool. */
final class Certificates {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String AUTHORITY = "ca";

    private final Path store;

    /** Make an authority. */
    Certificates(Path folder) {
        this.store = folder.resolve("store.p12");
        keytool("-alias", AUTHORITY, "-dname", "CN=ca", "-ext", "bc:c");
    }

    /** Issue a certificate for 127.0.0.1 with this common name, which is also its name here. */
    void issue(String name) {
        issue(name, "127.0.0.1");
    }

    /** Issue a certificate for another address. */
    void issue(String name, String address) {
        keytool("-alias", name, "-dname", "CN=" + name, "-ext", "san=ip:" + address, "-signer", AUTHORITY);
    }

    private void keytool(String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD),
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1"));
        command.addAll(List.of(arguments));
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Write a certificate to a file as PEM, atomically. */
    Path certificate(String name, Path file) {
        try {
            return write(file, "CERTIFICATE", load().getCertificate(name).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Write the authority's certificate. */
    Path authority(Path file) {
        return certificate(AUTHORITY, file);
    }

    /** Write a certificate's key to a file. */
    Path key(String name, Path file) {
        try {
            return write(file, "PRIVATE KEY", load().getKey(name, PASSWORD).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path write(Path file, String type, byte[] content) {
        var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        try {
            var part = Files.writeString(
                    file.resolveSibling(file.getFileName() + ".part"),
                    "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
            return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private KeyStore load() {
        try {
            return KeyStore.getInstance(store.toFile(), PASSWORD);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return a context that trusts this authority and shows the certificates of these names} */
    SSLContext context(String... names) {
        try {
            var all = load();
            var trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(AUTHORITY, all.getCertificate(AUTHORITY));
            var own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            for (var name : names) {
                own.setKeyEntry(name, all.getKey(name, PASSWORD), PASSWORD, all.getCertificateChain(name));
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
