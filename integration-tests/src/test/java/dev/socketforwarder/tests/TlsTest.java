package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS beside plain TCP, on the assembled image. */
class TlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path folder;

    @Test
    void aMemberByTlsAndAPlainOneHearEachOther() throws Exception {
        var store = keyStore();
        var yaml = """
                host-address: 127.0.0.1
                debug: true
                transports:
                  tcp: { port: 0 }
                  tls:
                    type: tcp
                    port: 0
                    tls: { certificate: %s, key: %s }
                """.formatted(
                write("tls.crt", "CERTIFICATE", store.getCertificate("server").getEncoded()),
                write(
                        "tls.key",
                        "PRIVATE KEY",
                        store.getKey("server", PASSWORD.toCharArray()).getEncoded()));

        try (var forwarder = Launch.with().yaml(yaml).start();
                var plain = forwarder.join("g");
                var secure = connect(forwarder, trusting(store))) {
            secure.getOutputStream().write((TcpClient.PREFIX + "g\n").getBytes(StandardCharsets.US_ASCII));
            forwarder.awaitLine(":" + secure.getLocalPort() + " joined g");

            plain.send("hello");
            assertThat(secure.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
            secure.getOutputStream().write("and back".getBytes(StandardCharsets.US_ASCII));
            plain.expect("and back");
            assertThat(secure.getSession().getProtocol()).isEqualTo("TLSv1.3");

            try (var lost = TcpClient.connect(forwarder.address("tls"))) {
                lost.join("g");
                forwarder.awaitLine("tls refused 127.0.0.1: not-tls");
            }
        }
    }

    private static SSLSocket connect(Forwarder forwarder, SSLContext context) throws IOException {
        var address = forwarder.address("tls");
        var socket = (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
        socket.setSoTimeout((int) Forwarder.LIMIT.toMillis());
        return socket;
    }

    private KeyStore keyStore() throws Exception {
        var file = folder.resolve("store.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD,
                        "-alias",
                        "server",
                        "-dname",
                        "CN=server",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1")
                .redirectErrorStream(true)
                .start();
        var said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        var store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(Files.readAllBytes(file)), PASSWORD.toCharArray());
        return store;
    }

    private Path write(String name, String type, byte[] content) throws IOException {
        var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(
                folder.resolve(name), "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
    }

    private static SSLContext trusting(KeyStore store) throws Exception {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate("server"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
