package dev.socketforwarder.runtime.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestCertificates;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class DialledTlsTest {
    private static final TestCertificates CERTIFICATES = new TestCertificates();
    private static final TestCertificates OTHERS = new TestCertificates();

    @TempDir
    Path folder;

    private static Optional<DialledTls> read(String host, String tls) {
        var server = Fakes.yaml("transports: {tcp: {connect: [{group: g" + tls + "}]}}")
                .endpoint("tcp")
                .sections("connect")
                .getFirst();
        return DialledTls.read("tcp", server.section("tls"), host);
    }

    /** {@return whether a server with a certificate for localhost is spoken to} */
    private static boolean accepts(DialledTls tls) throws Exception {
        var client = tls.newEngine();
        var server = CERTIFICATES.context(CERTIFICATES.issue("CN=server")).createSSLEngine();
        server.setUseClientMode(false);
        var toServer = ByteBuffer.allocate(40_000);
        var toClient = ByteBuffer.allocate(40_000);
        try {
            client.beginHandshake();
            for (int i = 0; i < 100 && client.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING; i++) {
                step(client, toServer, toClient);
                step(server, toClient, toServer);
            }
            return client.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
        } catch (SSLException _) {
            return false;
        }
    }

    private static void step(SSLEngine engine, ByteBuffer out, ByteBuffer in) throws SSLException {
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
    void aServerWithoutTheSettingIsSpokenToPlain() {
        assertThat(read("localhost", "")).isEmpty();
    }

    @Test
    void anEmptyMapTrustsTheAuthoritiesOfTheJdk() throws Exception {
        try (var tls = read("localhost", ", tls: {}").orElseThrow()) {
            tls.load();
            assertThat(accepts(tls)).isFalse();
        }
    }

    @Test
    void authoritiesThatChangeAreLoadedAgainAndBadOnesKeepThoseThatWere() throws Exception {
        var ca = Files.writeString(folder.resolve("ca.pem"), OTHERS.authorityPem());
        try (var tls = read("localhost", ", tls: {ca: " + ca + "}").orElseThrow()) {
            tls.load();
            assertThat(accepts(tls)).isFalse();
            Files.writeString(ca, OTHERS.authorityPem() + CERTIFICATES.authorityPem());
            tls.lookAgain();
            assertThat(accepts(tls)).isTrue();
            Files.writeString(ca, "nothing");
            tls.lookAgain();
            assertThat(accepts(tls)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost | tls: true                   | connect.1.tls",
                "localhost | tls: {server-name: 'a b'}   | connect.1.tls.server-name is \"a b\", but must be a host name",
                "a_b       | tls: {ca: /none}            | connect.1.tls.server-name is \"a_b\", but must be a host name",
                "localhost | tls: {ca: /no/such/file}    | connect.1.tls.ca is \"/no/such/file\", but must be a PEM file",
            })
    void whatIsWrongIsSaidInOneLine(String host, String tls, String message) {
        assertThatThrownBy(() -> read(host, ", " + tls).orElseThrow().load())
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }
}
