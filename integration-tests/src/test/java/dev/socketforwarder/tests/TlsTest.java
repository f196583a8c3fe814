package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests TLS beside plain TCP, on the assembled image. */
class TlsTest {
    private static final int SIZE = 10_000_000;

    @TempDir
    private static Path store;

    private static Certificates certificates;

    @TempDir
    private Path folder;

    private Forwarder forwarder;

    /** All at once, since each takes a process. */
    @BeforeAll
    static void issue() {
        certificates = new Certificates(store);
        List.of("server", "second", "third", "sensor-7", "stranger").forEach(certificates::issue);
    }

    @AfterEach
    void close() {
        if (forwarder != null) {
            forwarder.close();
        }
    }

    private void start() {
        start(Map.of());
    }

    /** Start a forwarder with these settings of the endpoint, as environment variables. */
    private void start(Map<String, String> more) {
        forwarder = Launch.with()
                .env(more)
                .yaml("""
                host-address: 127.0.0.1
                debug: true
                stall-timeout: 3s
                transports:
                  tcp: { port: 0 }
                  tls:
                    type: tcp
                    port: 0
                    tls: { certificate: %s, key: %s }
                    first-message-timeout: 30s # handshakes of many on a busy machine take their time
                """.formatted(
                                certificates.certificate("server", folder.resolve("tls.crt")),
                                certificates.key("server", folder.resolve("tls.key"))))
                .start();
    }

    private TcpClient connect(String... protocols) {
        return TcpClient.connectSecurely(forwarder.address("tls"), certificates.context(), protocols);
    }

    private TcpClient join(String group) {
        var client = connect().join(group);
        forwarder.awaitJoined(client, group);
        return client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aMemberByTlsAndAPlainOneHearEachOther(String version) {
        start();
        try (var plain = forwarder.join("g");
                var secure = connect(version).join("g")) {
            forwarder.awaitJoined(secure, "g");
            plain.send("hello");
            secure.expect("hello").send("and back");
            plain.expect("and back");
            assertThat(secure.session().getProtocol()).isEqualTo(version);
        }
    }

    @Test
    void allBytesInBothDirectionsAtOnce() {
        start();
        var fromPlain = Noise.random();
        var fromSecure = Noise.random();
        try (var plainSender = forwarder.join("down");
                var secureReceiver = join("down");
                var alsoPlain = forwarder.join("down");
                var secureSender = join("up");
                var plainReceiver = forwarder.join("up");
                var alsoSecure = join("up");
                var together = new Together()) {
            together.start(() -> Flood.expect(secureReceiver, fromPlain, 0, SIZE))
                    .start(() -> Flood.expect(alsoPlain, fromPlain, 0, SIZE))
                    .start(() -> Flood.expect(plainReceiver, fromSecure, 0, SIZE))
                    .start(() -> Flood.expect(alsoSecure, fromSecure, 0, SIZE));
            Flood.start(plainSender, fromPlain, SIZE);
            Flood.start(secureSender, fromSecure, SIZE);
            together.await();
        }
    }

    @Test
    void certificatesAreSwappedUnderLoadAndNobodyIsDropped() throws Exception {
        start();
        var noise = Noise.random();
        try (var sender = join("g");
                var secure = join("g");
                var plain = forwarder.join("g");
                var together = new Together()) {
            var received = new long[2];
            together.start(() -> received[0] = Flood.expectUntilEnd(secure, noise, 0))
                    .start(() -> received[1] = Flood.expectUntilEnd(plain, noise, 0));
            var flood = Flood.start(sender, noise, Long.MAX_VALUE);
            flood.awaitSent(1_000_000);
            for (var name : List.of("second", "third")) {
                certificates.certificate(name, folder.resolve("tls.crt"));
                certificates.key(name, folder.resolve("tls.key"));
                awaitServed(name);
            }
            Files.writeString(folder.resolve("tls.crt"), "no certificate\n");
            forwarder.awaitLine("tls keeps its old certificate, since the new certificate");
            assertThat(served()).isEqualTo("third");
            flood.awaitSent(flood.sent() + 1_000_000);
            flood.stop();
            long sent = flood.total();
            sender.finish();
            forwarder.awaitLeft(sender, "peer-closed");
            assertThat(forwarder.err().matching(line -> line.contains(" left \"g\"")))
                    .hasSize(1);

            forwarder.stop();
            together.await();
            assertThat(received).containsOnly(sent);
        }
    }

    private void awaitServed(String name) {
        await("that new connections get the certificate of " + name)
                .atMost(Forwarder.LIMIT)
                .until(() -> served().equals(name));
    }

    /** {@return the common name that a new connection sees} */
    private String served() {
        try (var client = connect()) {
            var subject = client.session().getPeerPrincipal().getName();
            return subject.substring("CN=".length());
        } catch (SSLPeerUnverifiedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aCertificateNamesTheGroupAndIsNeeded() {
        start(Map.of(
                "SOCKETFORWARDER_TLS_HANDSHAKE", "certificate",
                "SOCKETFORWARDER_TLS_CERTIFICATE_GROUPS", "telemetry:CN=sensor-*",
                "SOCKETFORWARDER_TLS_TLS_CLIENT_AUTH", "need",
                "SOCKETFORWARDER_TLS_TLS_CLIENT_CA",
                        certificates.authority(folder.resolve("clients.crt")).toString()));
        try (var plain = forwarder.join("telemetry");
                var sensor = TcpClient.connectSecurely(forwarder.address("tls"), certificates.context("sensor-7"));
                var stranger = TcpClient.connectSecurely(forwarder.address("tls"), certificates.context("stranger"))) {
            forwarder.awaitJoined(sensor, "telemetry");
            sensor.send("hello");
            plain.expect("hello").send("and back");
            sensor.expect("and back");
            stranger.expectClosed();
            // In TLS 1.3 the client is done before the server has seen that there is no certificate.
            assertThatThrownBy(() -> connect().receiveAll()).isInstanceOf(UncheckedIOException.class);
            forwarder.awaitLine("tls-handshake-failed");
        }
    }

    @Test
    void handshakesThatStallOrAreResetHurtNobody() {
        start(Map.of(
                "SOCKETFORWARDER_HASTY_TYPE", "tcp",
                "SOCKETFORWARDER_HASTY_PORT", "0",
                "SOCKETFORWARDER_HASTY_FIRST_MESSAGE_TIMEOUT", "2s",
                "SOCKETFORWARDER_HASTY_TLS_CERTIFICATE",
                        folder.resolve("tls.crt").toString(),
                "SOCKETFORWARDER_HASTY_TLS_KEY", folder.resolve("tls.key").toString()));
        var stalled = new ArrayList<TcpClient>();
        try (var plain = forwarder.join("g");
                var secure = join("g")) {
            // The beginning of a record with the beginning of a hello.
            var hello = new byte[] {22, 3, 1, 2, 0, 1, 0, 1};
            for (int i = 0; i < 60; i++) {
                var client = TcpClient.connect(forwarder.address("hasty"));
                client.send(hello, 0, i % hello.length);
                if (i % 2 == 0) {
                    client.reset();
                } else {
                    stalled.add(client);
                }
            }
            try (var late = join("g")) {
                late.send("hello");
                plain.expect("hello");
                secure.expect("hello");
            }
            stalled.forEach(TcpClient::awaitClosed);
            forwarder.awaitLine("hasty refused 127.0.0.1: tls-handshake-timeout");
            plain.send("and on");
            secure.expect("and on");
        } finally {
            stalled.forEach(TcpClient::close);
        }
    }

    @Test
    void aPlainPeerOfATlsEndpointIsTold() {
        start();
        try (var lost = TcpClient.connect(forwarder.address("tls"))) {
            lost.join("g");
            forwarder.awaitLine("tls refused 127.0.0.1: not-tls");
        }
    }

    @Test
    void aStalledReaderBehindTlsIsClosedAndTheOthersGetEverything() {
        start();
        var noise = Noise.random();
        try (var stalled = TcpClient.connectSmallSecurely(forwarder.address("tls"), certificates.context())
                        .join("g");
                var sender = forwarder.join("g");
                var secure = join("g");
                var plain = forwarder.join("g");
                var together = new Together()) {
            forwarder.awaitJoined(stalled, "g");
            together.start(() -> Flood.expect(secure, noise, 0, SIZE)).start(() -> Flood.expect(plain, noise, 0, SIZE));
            Flood.start(sender, noise, SIZE);
            together.await();
            forwarder.awaitLeft(stalled, "stalled");
        }
    }
}
