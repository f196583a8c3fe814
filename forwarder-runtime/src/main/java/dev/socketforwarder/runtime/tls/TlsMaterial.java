package dev.socketforwarder.runtime.tls;

import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.tls.TlsSettings.ClientAuth;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The certificate and key loaded from an endpoint's files, ready for use.
 *
 * @param certificate the server's own
 * @param others those between the server's own and its authority, and the authorities of clients
 */
record TlsMaterial(SSLContext context, X509Certificate certificate, List<X509Certificate> others) {
    private static final int MOST_SESSIONS = 4_096;
    private static final Duration SOON = Duration.ofDays(30);

    /** Says that the file under a key of the settings cannot be used. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        final String key;
        final String file;

        Unusable(String key, Path file, String problem) {
            super(problem);
            this.key = key;
            this.file = file.toString();
        }
    }

    /** Load and check the files. */
    static TlsMaterial load(TlsSettings settings) throws Unusable {
        var chain = certificates(TlsSettings.CERTIFICATE, settings.certificate());
        var key = key(settings.key());
        if (!fits(key, chain.getFirst())) {
            throw new Unusable(TlsSettings.KEY, settings.key(), "it is not the key of the certificate");
        }
        var authorities = new ArrayList<X509Certificate>();
        if (settings.clientAuth() != ClientAuth.NONE) {
            for (var file : settings.clientCa().stream().toList()) {
                authorities.addAll(certificates(TlsSettings.CLIENT_CA, file));
            }
        }
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new OneKey(chain, key)}, trust(authorities), null);
            context.getServerSessionContext().setSessionCacheSize(MOST_SESSIONS);
            var others = new ArrayList<>(chain.subList(1, chain.size()));
            others.addAll(authorities);
            return new TlsMaterial(context, chain.getFirst(), List.copyOf(others));
        } catch (GeneralSecurityException | IOException e) {
            throw new Unusable(TlsSettings.CERTIFICATE, settings.certificate(), "TLS cannot use it: " + said(e));
        }
    }

    /**
     * Load what trusts the authorities of a file, and shows no certificate.
     *
     * @param key of the setting that names the file
     * @param authorities empty: those of the JDK
     * @param concerned receives a line for each authority that is not valid now, or will soon end
     */
    static SSLContext trusting(String key, Optional<Path> authorities, Consumer<String> concerned) throws Unusable {
        try {
            var context = SSLContext.getInstance("TLS");
            TrustManager[] trust = null;
            if (authorities.isPresent()) {
                var certificates = certificates(key, authorities.get());
                concerns(certificates, Instant.now()).forEach(concerned);
                trust = trust(certificates);
            }
            context.init(new KeyManager[0], trust, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new Unusable(key, authorities.orElse(Path.of("")), "TLS cannot use it: " + said(e));
        }
    }

    /** {@return whether the certificate is valid at this time, neither too old nor too new} */
    boolean isValidAt(Instant time) {
        return isValid(certificate, time);
    }

    private static boolean isValid(X509Certificate certificate, Instant time) {
        return !time.isBefore(certificate.getNotBefore().toInstant())
                && !time.isAfter(certificate.getNotAfter().toInstant());
    }

    /** {@return one line for each certificate that is not valid at this time, or will soon end} */
    List<String> concerns(Instant time) {
        return Stream.concat(concerns(List.of(certificate), time).stream(), concerns(others, time).stream())
                .toList();
    }

    private static List<String> concerns(List<X509Certificate> certificates, Instant time) {
        return certificates.stream()
                .flatMap(each -> concern(each, time).stream())
                .toList();
    }

    private static Optional<String> concern(X509Certificate certificate, Instant time) {
        if (!isValid(certificate, time)) {
            return Optional.of("has a certificate that is not valid now: " + describe(certificate));
        }
        return isValid(certificate, time.plus(SOON))
                ? Optional.empty()
                : Optional.of(
                        "has a certificate that ends within " + SOON.toDays() + " days: " + describe(certificate));
    }

    /** {@return the certificate, for the log} */
    String describe() {
        return describe(certificate);
    }

    private static String describe(X509Certificate certificate) {
        return Printable.quoted(certificate.getSubjectX500Principal().getName()) + ", valid from "
                + certificate.getNotBefore().toInstant() + " to "
                + certificate.getNotAfter().toInstant();
    }

    private static List<X509Certificate> certificates(String key, Path file) throws Unusable {
        try {
            var factory = CertificateFactory.getInstance("X.509");
            var certificates = new ArrayList<X509Certificate>();
            for (var block : PemFile.read(file).blocks()) {
                if (block.label().equals("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
                }
            }
            if (certificates.isEmpty()) {
                throw new TlsException("it holds no certificate");
            }
            return certificates;
        } catch (TlsException e) {
            throw new Unusable(key, file, e.getMessage());
        } catch (CertificateException e) {
            throw new Unusable(key, file, "a certificate in it is damaged: " + said(e));
        }
    }

    private static PrivateKey key(Path file) throws Unusable {
        try {
            return PrivateKeys.of(PemFile.read(file));
        } catch (TlsException e) {
            throw new Unusable(TlsSettings.KEY, file, e.getMessage());
        }
    }

    private static String said(Exception e) {
        return Printable.line(String.valueOf(e.getMessage()));
    }

    private static boolean fits(PrivateKey key, X509Certificate certificate) {
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            var challenge = certificate.getSignature();
            var signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(challenge);
            var verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(challenge);
            return verifier.verify(signer.sign());
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static TrustManager[] trust(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        if (authorities.isEmpty()) {
            return new TrustManager[0]; // null would load the default authorities of the web
        }
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry(Integer.toString(i), authorities.get(i));
        }
        var factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** Holds the one key of a server. A key store would spend time on encrypting it. */
    private static final class OneKey extends X509ExtendedKeyManager {
        private static final String ALIAS = "server";
        private static final String[] NONE = {};

        private final X509Certificate[] chain;
        private final PrivateKey key;

        OneKey(List<X509Certificate> chain, PrivateKey key) {
            this.chain = chain.toArray(X509Certificate[]::new);
            this.key = key;
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
            return keyType.equals(key.getAlgorithm()) ? ALIAS : null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return keyType.equals(key.getAlgorithm()) ? ALIAS : null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return keyType.equals(key.getAlgorithm()) ? new String[] {ALIAS} : NONE;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.clone();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return NONE;
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
