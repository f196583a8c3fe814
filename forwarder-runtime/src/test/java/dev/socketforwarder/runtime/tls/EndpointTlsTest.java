package dev.socketforwarder.runtime.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.process.SmallFileTest;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestCertificates;
import dev.socketforwarder.runtime.testing.TestCertificates.Identity;
import dev.socketforwarder.runtime.testing.TestLog;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests how an endpoint loads its certificate, and loads it again. */
class EndpointTlsTest {
    private static final TestCertificates CERTIFICATES = new TestCertificates();
    private static final Identity FIRST = CERTIFICATES.issue("CN=first");
    private static final Identity SECOND = CERTIFICATES.issue("CN=second", "-keyalg", "RSA", "-keysize", "2048");
    private static final Identity EXPIRED =
            CERTIFICATES.issue("CN=expired", "-startdate", "2020/01/01", "-validity", "1");

    private static final Identity ENDING = CERTIFICATES.issue("CN=ending", "-validity", "29");

    @TempDir
    Path folder;

    private Path certificate;
    private Path key;

    @BeforeEach
    void writeFiles() throws Exception {
        certificate = folder.resolve("certificate.pem");
        key = folder.resolve("key.pem");
        write(FIRST);
    }

    private void write(Identity identity) throws Exception {
        Files.writeString(certificate, "Subject: whoever\n" + identity.certificatePem());
        Files.writeString(key, identity.keyPem());
    }

    private EndpointTls tls() {
        var settings = Fakes.yaml("transports: {tcp: {tls: {certificate: " + certificate + ", key: " + key + "}}}")
                .endpoint("tcp");
        var section = settings.section(Keys.TLS);
        return new EndpointTls("tcp", TlsSettings.read(section).orElseThrow(), section);
    }

    /** {@return the name of the certificate that a client sees now} */
    private static String shown(EndpointTls tls) throws Exception {
        var server = tls.newEngine();
        var client = CERTIFICATES.context().createSSLEngine();
        client.setUseClientMode(true);
        client.beginHandshake();
        var toServer = ByteBuffer.allocate(40_000);
        var toClient = ByteBuffer.allocate(40_000);
        for (int i = 0; i < 100 && client.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING; i++) {
            step(client, toServer, toClient);
            step(server, toClient, toServer);
        }
        return ((X509Certificate) client.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    private static void step(SSLEngine engine, ByteBuffer out, ByteBuffer in) throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> engine.getDelegatedTask().run();
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            default -> {
                in.flip();
                engine.unwrap(in, ByteBuffer.allocate(40_000));
                in.compact();
            }
        }
    }

    @Test
    void changedFilesAreLoadedAgain() throws Exception {
        try (var tls = tls()) {
            tls.load();
            assertThat(shown(tls)).isEqualTo("CN=first");
            write(SECOND);
            tls.lookAgain();
            assertThat(shown(tls)).isEqualTo("CN=second");
        }
    }

    @Test
    void aCertificateThatSoonEndsIsToldWheneverItIsLoaded() throws Exception {
        write(ENDING);
        try (var tls = tls();
                var log = new TestLog()) {
            tls.load();
            assertThat(log.text())
                    .contains("WARN  tcp has a certificate that ends within 30 days: \"CN=ending\", valid");
            write(SECOND);
            tls.lookAgain();
            write(ENDING);
            tls.lookAgain();
            assertThat(log.text().lines().filter(line -> line.contains("30 days")))
                    .hasSize(2);
        }
    }

    @Test
    void anAuthorityOfClientsThatSoonEndsIsTold() throws Exception {
        var authority = Files.writeString(folder.resolve("ca.pem"), ENDING.certificatePem());
        var section = Fakes.yaml("transports: {tcp: {tls: {certificate: " + certificate + ", key: " + key
                        + ", client-auth: need, client-ca: " + authority + "}}}")
                .endpoint("tcp")
                .section(Keys.TLS);
        try (var tls = new EndpointTls("tcp", TlsSettings.read(section).orElseThrow(), section);
                var log = new TestLog()) {
            tls.load();
            assertThat(log.text()).contains("WARN  tcp has a certificate that ends within 30 days: \"CN=ending\"");
        }
    }

    @Test
    void exchangedLinksAreNoticed() throws Exception {
        // Kubernetes replaces a link to a folder.
        var data = folder.resolve("data");
        for (var each : new Identity[] {FIRST, SECOND}) {
            var version = Files.createDirectory(folder.resolve(each == FIRST ? "one" : "two"));
            Files.writeString(version.resolve("tls.crt"), each.certificatePem());
            Files.writeString(version.resolve("tls.key"), each.keyPem());
        }
        Files.createSymbolicLink(data, folder.resolve("one"));
        certificate = data.resolve("tls.crt");
        key = data.resolve("tls.key");
        try (var tls = tls()) {
            tls.load();
            Files.delete(data);
            tls.lookAgain(); // no file there: the old certificate stays
            assertThat(shown(tls)).isEqualTo("CN=first");
            Files.createSymbolicLink(data, folder.resolve("two"));
            tls.lookAgain();
            assertThat(shown(tls)).isEqualTo("CN=second");
        }
    }

    @Test
    void badNewCertificateKeepsTheOldOne() throws Exception {
        try (var tls = tls()) {
            tls.load();
            Files.writeString(certificate, SECOND.certificatePem()); // without its key
            tls.lookAgain();
            assertThat(shown(tls)).isEqualTo("CN=first");
            Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n");
            tls.lookAgain();
            assertThat(shown(tls)).isEqualTo("CN=first");
            write(EXPIRED);
            tls.lookAgain();
            assertThat(shown(tls)).isEqualTo("CN=first");
            write(SECOND);
            tls.lookAgain();
            assertThat(shown(tls)).isEqualTo("CN=second");
        }
    }

    @Test
    @Timeout(60)
    void aPipeInItsPlaceKeepsTheOldOneAndTheWatchGoesOn() throws Exception {
        try (var tls = tls()) {
            tls.load();
            Files.delete(certificate);
            SmallFileTest.pipe(certificate);
            tls.lookAgain();
            assertThat(shown(tls)).isEqualTo("CN=first");
            Files.delete(certificate);
            write(SECOND);
            tls.lookAgain();
            assertThat(shown(tls)).isEqualTo("CN=second");
        }
    }

    @Test
    @Timeout(60)
    void aPipeAtTheStartIsTold() throws Exception {
        Files.delete(key);
        SmallFileTest.pipe(key);
        try (var tls = tls()) {
            assertThatThrownBy(tls::load)
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("it is a pipe")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void keysOfTheOlderKindsAreRead() throws Exception {
        // A PKCS#8 key of RSA contains the older form from its third element on.
        var pkcs8 = SECOND.key().getEncoded();
        var rsa = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
        var read = PrivateKeys.of(PemFile.parse(TestCertificates.block("RSA PRIVATE KEY", rsa)));
        assertThat(read).isEqualTo(SECOND.key());

        var number = fixed(((ECPrivateKey) FIRST.key()).getS());
        var sec1 = HexFormat.of().parseHex("30310201010420" + number + "a00a06082a8648ce3d030107");
        var ec = PrivateKeys.of(
                PemFile.parse("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                        + TestCertificates.block("EC PRIVATE KEY", sec1)));
        assertThat(((ECPrivateKey) ec).getS()).isEqualTo(((ECPrivateKey) FIRST.key()).getS());
    }

    private static String fixed(BigInteger number) {
        var hex = number.toString(16);
        return "0".repeat(64 - hex.length()) + hex;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    -----BEGIN ENCRYPTED PRIVATE KEY-----,AAAA,-----END ENCRYPTED PRIVATE KEY----- | encrypted
                    -----BEGIN RSA PRIVATE KEY-----,Proc-Type: 4%ENCRYPTED,AAAA,-----END RSA PRIVATE KEY----- | encrypted
                    nothing at all | no private key
                    -----BEGIN PRIVATE KEY-----,AAAA,-----END PRIVATE KEY----- | damaged
                    -----BEGIN EC PRIVATE KEY-----,MP8=,-----END EC PRIVATE KEY----- | damaged
                    -----BEGIN PRIVATE KEY-----,*,-----END PRIVATE KEY----- | not base64
                    -----BEGIN PRIVATE KEY-----,AAAA | no end
                    -----BEGIN DSA PRIVATE KEY-----,AAAA,-----END DSA PRIVATE KEY----- | not supported
                    """)
    void whatIsWrongWithAKeyIsTold(String lines, String problem) throws Exception {
        Files.writeString(key, lines.replace(',', '\n').replace('%', ','));
        try (var tls = tls()) {
            assertThatThrownBy(tls::load)
                    .isInstanceOf(SettingException.class)
                    .hasMessageStartingWith("conf.yaml:1: transports.tcp.tls.key is ")
                    .hasMessageContaining(problem)
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void keyOfAnotherCertificateIsRefused() throws Exception {
        Files.writeString(key, SECOND.keyPem());
        try (var tls = tls()) {
            assertThatThrownBy(tls::load).hasMessageContaining("it is not the key of the certificate");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {key: k} | tls.certificate is "", but must be the PEM file
                    {certificate: c} | tls.key is "", but must be the PEM file
                    {certificate: c, key: k, client-auth: need} | tls.client-ca is "", but must be the PEM file
                    {client-auth: need} | tls.certificate is "", but must be the PEM file
                    {} | tls.certificate is "", but must be the PEM file
                    | tls.certificate is "", but must be the PEM file
                    {certificate: ""} | tls.certificate is "", but must be the PEM file
                    {certificate: c, key: k, client-ca: ca} | tls.client-ca is ********, but must be unset
                    text | tls is a text, but must be a map
                    """)
    void settingsThatDoNotFitAreTold(String yaml, String message) {
        var settings = Fakes.yaml("transports: {tcp: {tls: " + (yaml == null ? "" : yaml) + "}}")
                .endpoint("tcp");
        assertThatThrownBy(() -> TlsSettings.read(settings.section(Keys.TLS)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("transports.tcp." + message);
    }

    @Test
    void theEnvironmentHasTheSectionToo() {
        var settings = Fakes.merged(
                        "",
                        Map.of(
                                "SOCKETFORWARDER_TCP_TLS_CERTIFICATE", "c",
                                "socketforwarder.tcp.tls.client_auth", "want"))
                .endpoint("tcp")
                .section("tls");
        assertThat(settings.text("certificate", "")).isEqualTo("c");
        assertThat(settings.text("client-auth", "")).isEqualTo("want");
    }
}
