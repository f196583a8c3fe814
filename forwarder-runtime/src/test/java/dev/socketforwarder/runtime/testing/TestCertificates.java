package dev.socketforwarder.runtime.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Makes a certificate authority for a test, and issues certificates, with the JDK's keytool. */
public final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private final Path store;
    private int issued;

    /** A key with its certificate, and the certificate of the authority. */
    public record Identity(PrivateKey key, List<X509Certificate> chain) {

        /** {@return the certificate chain in PEM form} */
        public String certificatePem() throws GeneralSecurityException {
            var pem = new StringBuilder();
            for (var certificate : chain) {
                pem.append(block("CERTIFICATE", certificate.getEncoded()));
            }
            return pem.toString();
        }

        /** {@return the key in PKCS#8 form} */
        public String keyPem() {
            return block("PRIVATE KEY", key.getEncoded());
        }
    }

    /** Make a new authority. */
    public TestCertificates() {
        try {
            store = Files.createTempDirectory("certificates").resolve("store.p12");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
        keytool(
                "-genkeypair",
                "-alias",
                "ca",
                "-dname",
                "CN=ca",
                "-ext",
                "bc:c",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1");
    }

    private void delete() {
        try {
            Files.deleteIfExists(store);
            Files.deleteIfExists(store.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Issue an EC certificate for localhost. Further arguments are passed to keytool. */
    public Identity issue(String subject, String... more) {
        var algorithm = Arrays.asList(more).contains("-keyalg")
                ? List.<String>of()
                : List.of("-keyalg", "EC", "-groupname", "secp256r1");
        var alias = "a" + issued++;
        var arguments = new ArrayList<String>(List.of(
                "-genkeypair",
                "-alias",
                alias,
                "-signer",
                "ca",
                "-dname",
                subject,
                "-ext",
                "san=dns:localhost,ip:127.0.0.1"));
        arguments.addAll(algorithm);
        arguments.addAll(List.of(more));
        keytool(arguments.toArray(String[]::new));
        try {
            var loaded = load();
            return new Identity(
                    (PrivateKey) loaded.getKey(alias, PASSWORD.toCharArray()),
                    Arrays.stream(loaded.getCertificateChain(alias))
                            .map(X509Certificate.class::cast)
                            .toList());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return the authority's certificate in PEM form} */
    public String authorityPem() {
        try {
            return block("CERTIFICATE", load().getCertificate("ca").getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return a TLS context that trusts this authority and presents these certificates} */
    public SSLContext context(Identity... identities) {
        try {
            var keys = KeyStore.getInstance("PKCS12");
            var trusted = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            trusted.load(null, null);
            for (var identity : identities) {
                keys.setKeyEntry(
                        "own", identity.key(), new char[0], identity.chain().toArray(Certificate[]::new));
            }
            trusted.setCertificateEntry("ca", load().getCertificate("ca"));
            var own = KeyManagerFactory.getInstance("PKIX");
            own.init(keys, new char[0]);
            var trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return one block of a PEM file} */
    public static String block(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private KeyStore load() {
        try {
            return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void keytool(String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        if (!command.contains("-validity") && !command.contains("-startdate")) {
            command.addAll(List.of("-validity", "365"));
        }
        command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes());
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
