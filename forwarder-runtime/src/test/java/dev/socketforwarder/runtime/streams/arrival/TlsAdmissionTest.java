package dev.socketforwarder.runtime.streams.arrival;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import dev.socketforwarder.runtime.streams.TlsClient;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** TLS together with limits, proxies' headers, join replies and framing. */
@Timeout(30)
class TlsAdmissionTest {
    private static final String TLS_1_3 = "TLSv1.3";
    private static final String LINE = "PROXY TCP4 203.0.113.7 127.0.0.1 40000 80\r\n";

    private static TestServer server(Map<String, Object> settings) throws IOException {
        return server(settings, Framing.RAW);
    }

    private static TestServer server(Map<String, Object> settings, Framing framing) throws IOException {
        var all = new HashMap<>(settings);
        all.put("tls", TlsClient.tls(_ -> {}));
        return new TestServer(all, framing, FlowLimits.DEFAULT);
    }

    private static TlsClient behindHeader(TestServer server, String header) throws IOException {
        var plain = server.connect();
        plain.send(header);
        return TlsClient.over(plain.socket, TLS_1_3);
    }

    @Test
    void tlsBeginsBehindTheProxysHeader() throws IOException {
        try (var server = server(Map.of("proxy-protocol", List.of("127.0.0.1"), "deny", List.of("203.0.113.8")));
                var a = behindHeader(server, LINE);
                var b = behindHeader(server, LINE)) {
            a.send(TestContext.PREFIX + "g\n");
            b.send(TestContext.PREFIX + "g\n");
            server.awaitMembers(2);
            a.send("hello");
            assertThat(b.readText(5)).isEqualTo("hello");

            var denied = server.connect();
            denied.send(LINE.replace("0.113.7", "0.113.8"));
            denied.awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
        }
    }

    @Test
    void aHeaderFromElsewhereIsUnexpectedBeforeTlsToo() throws IOException {
        try (var server = server(Map.of("proxy-protocol", List.of("127.0.0.2")))) {
            var client = server.connect();
            client.send(LINE);
            client.awaitClosed();
            server.awaitOnce(Reason.PROXY_HEADER_UNEXPECTED);
            server.awaitNoConnections();
        }
    }

    @Test
    void aDeniedAddressNegotiatesNothing() throws IOException {
        try (var server = server(Map.of("deny", List.of("127.0.0.0/8")))) {
            server.connect().awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
            server.awaitNoConnections();
        }
    }

    @Test
    void thoseThatNegotiateCountAsFirstMessagesUntilTheyJoin() throws IOException {
        try (var server = server(Map.of("max-first-messages", 1, "max-connections-per-address", 0))) {
            var silent = server.connect();
            server.awaitAtLeast(Counter.ACCEPTED, 1);
            server.connect().awaitClosed();
            server.awaitOnce(Reason.TOO_MANY_FIRST_MESSAGES);
            silent.close();
            server.awaitNoConnections();
            try (var a = TlsClient.join(server, TLS_1_3, "g");
                    var b = TlsClient.join(server, TLS_1_3, "g")) {
                a.send("hello");
                assertThat(b.readText(5)).isEqualTo("hello");
            }
        }
    }

    @Test
    void theJoinReplyComesThroughTls() throws IOException {
        try (var server = server(Map.of("join-reply", "welcome"));
                var a = TlsClient.join(server, TLS_1_3, "g")) {
            assertThat(a.readText(8)).isEqualTo("welcome\n");
        }
    }

    @Test
    void messagesAreWholeWhateverRecordsTheyComeIn() throws IOException {
        try (var server = server(Map.of(), Framing.LINE);
                var a = TlsClient.join(server, TLS_1_3, "g");
                var b = TlsClient.join(server, TLS_1_3, "g");
                var receiver = TlsClient.join(server, TLS_1_3, "g")) {
            a.send("from a, ");
            server.awaitAtLeast(Counter.READS, 1);
            b.send("from b\n");
            assertThat(receiver.readText(7)).isEqualTo("from b\n");
            var much = "x".repeat(100_000);
            a.send(much + "\nand");
            assertThat(receiver.readText(8 + much.length() + 1)).isEqualTo("from a, " + much + "\n");
        }
    }

    @Test
    void aMemberIsReadNoFasterThanItsRate() throws Exception {
        int rate = 200_000;
        try (var server = server(Map.of("member-rate", (long) rate));
                var receiver = TlsClient.join(server, TLS_1_3, "g");
                var sender = TlsClient.join(server, TLS_1_3, "g")) {
            var sent = new byte[rate];
            new Random(1).nextBytes(sent);
            long begin = System.nanoTime();
            var done = TestClient.later(() -> {
                sender.send(sent);
                return null;
            });
            assertThat(receiver.read(rate)).isEqualTo(sent);
            assertThat(System.nanoTime() - begin).isGreaterThan(500_000_000);
            done.get();
        }
    }

    @Test
    void whoTakesNothingIsClosedAtTheWriteDeadline() throws Exception {
        try (var server = server(Map.of("write-deadline", Duration.ofMillis(300)));
                var slow = TlsClient.join(server, TLS_1_3, "g");
                var sender = TlsClient.join(server, TLS_1_3, "g")) {
            assertThat(slow.socket.isConnected()).isTrue();
            sender.send(new byte[16_000_000]);
            server.awaitOnce(Reason.WRITE_DEADLINE);
        }
    }

    @Test
    void anIdleMemberIsClosed() throws IOException {
        try (var server = server(Map.of("idle-timeout", Duration.ofMillis(200)));
                var client = TlsClient.join(server, TLS_1_3, "g")) {
            assertThat(client.readToEnd()).isEmpty();
            server.awaitOnce(Reason.IDLE);
            server.awaitNoConnections();
        }
    }
}
