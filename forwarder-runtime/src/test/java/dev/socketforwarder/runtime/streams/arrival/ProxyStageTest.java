package dev.socketforwarder.runtime.streams.arrival;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProxyStageTest {
    private static final String CLIENT = "203.0.113.7";
    private static final String LINE = "PROXY TCP4 " + CLIENT + " 127.0.0.1 40000 80\r\n";
    private static final byte[] BINARY = ProxyHeaderTest.binary("21 11 000c cb007107 7f000001 9c40 0050");
    private static final byte[] LOCAL = ProxyHeaderTest.binary("20 00 0000");

    private static TestServer server(Map<String, Object> more) throws IOException {
        var settings = new HashMap<String, Object>(Map.of("proxy-protocol", List.of("127.0.0.1")));
        settings.putAll(more);
        return new TestServer(settings);
    }

    @Test
    void theClientJoinsBehindEitherHeader() throws IOException {
        try (var server = server(Map.of())) {
            var first = server.connect();
            first.send(LINE + TestContext.PREFIX + "g\n");
            server.awaitMembers(1);
            var second = server.connect();
            second.send(BINARY);
            second.send(TestContext.PREFIX + "g\nhello");
            assertThat(first.readText(5)).isEqualTo("hello");
            var third = server.connect();
            third.send(LOCAL);
            third.send(TestContext.PREFIX + "g"); // the first read ends this message, as it would without a header
            server.awaitMembers(3);
        }
    }

    @Test
    void aHeaderInBytesOfTheirOwnIsTheSame() throws IOException {
        try (var server = server(Map.of())) {
            var receiver = server.connect();
            receiver.send(LINE + TestContext.PREFIX + "g\n");
            server.awaitMembers(1);
            var sender = server.connect();
            for (var b : BINARY) {
                sender.send(new byte[] {b});
            }
            for (var b : (TestContext.PREFIX + "g\nhello").getBytes(StandardCharsets.US_ASCII)) {
                sender.send(new byte[] {b});
            }
            // The first read does not contain the whole prefix, so only the line feed ends the message.
            assertThat(receiver.readText(5)).isEqualTo("hello");
        }
    }

    @Test
    void listsAndLimitsAreThoseOfTheClient() throws IOException {
        try (var server = server(Map.of("deny", List.of("203.0.113.0/24")))) {
            var client = server.connect();
            client.send(LINE);
            client.awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
            server.awaitNoConnections();
        }
        try (var server = server(Map.of("deny", List.of("127.0.0.0/8"), "max-connections-per-address", 1))) {
            var first = server.connect();
            first.send(LINE + TestContext.PREFIX + "g\n");
            server.awaitMembers(1);
            var other = server.connect();
            other.send(LINE.replace(CLIENT, "203.0.113.8") + TestContext.PREFIX + "g\n");
            server.awaitMembers(2);
            var second = server.connect();
            second.send(LINE);
            second.awaitClosed();
            server.awaitOnce(Reason.TOO_MANY_FROM_ADDRESS);
            // A proxy that speaks for itself is a client like any other.
            var self = server.connect();
            self.send(LOCAL);
            self.awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
        }
    }

    /** Admits a peer only at the client's address. */
    private static final class ByAddress implements HandshakePolicy {
        @Override
        public String name() {
            return "by-address";
        }

        @Override
        public Handshake create(Settings settings) {
            return (peer, _, _) -> peer.address().equals(Optional.of(InetAddress.ofLiteral(CLIENT)))
                    ? new Handshake.Admitted("g", 0)
                    : new Handshake.Declined(Reason.NOT_ADMITTED);
        }
    }

    @Test
    void policiesSeeTheClientsAddress() throws IOException {
        try (var server = server(Map.of("policy", new ByAddress()))) {
            server.connect().send(LINE);
            server.awaitMembers(1);
        }
    }

    @Test
    void withoutAHeaderATrustedProxyIsClosed() throws IOException {
        try (var server = server(Map.of())) {
            var client = server.connect();
            client.send(TestContext.PREFIX + "g\n");
            client.awaitClosed();
            server.awaitOnce(Reason.PROXY_HEADER_MISSING);
            var malformed = server.connect();
            malformed.send("PROXY NONSENSE\r\n");
            malformed.awaitClosed();
            server.awaitOnce(Reason.BAD_PROXY_HEADER);
            server.connect().close();
            server.awaitOnce(Reason.PROBE);
            server.awaitNoConnections();
        }
    }

    @Test
    void aHeaderFromElsewhereIsClosed() throws IOException {
        try (var server = new TestServer(Map.of("proxy-protocol", List.of("10.0.0.0/8")))) {
            var line = server.connect();
            line.send(LINE + TestContext.PREFIX + "g\n");
            line.awaitClosed();
            server.awaitOnce(Reason.PROXY_HEADER_UNEXPECTED);
            server.join("g");
        }
        try (var server = new TestServer(Map.of("proxy-protocol", List.of("10.0.0.0/8")))) {
            var binary = server.connect();
            binary.send(BINARY);
            binary.awaitClosed();
            server.awaitOnce(Reason.PROXY_HEADER_UNEXPECTED);
        }
    }

    @Test
    void aHeaderThatDoesNotComeEndsAtTheDeadlineOrTheStop() throws IOException {
        try (var server = server(Map.of("first-message-timeout", Duration.ofMillis(100)))) {
            var silent = server.connect();
            silent.send("PROX");
            silent.awaitClosed();
            server.awaitOnce(Reason.FIRST_MESSAGE_TIMEOUT);
        }
        try (var server = server(Map.of())) {
            var silent = server.connect();
            silent.send("PROX");
            server.awaitAtLeast(Counter.CONNECTIONS, 1);
            server.endpoint.quiesce(Duration.ofSeconds(5));
            silent.awaitClosed();
            server.awaitNoConnections();
        }
    }

    @Test
    void aMemberGetsTheJoinReplyBeforeAnyData() throws IOException {
        try (var server = new TestServer(Map.of("join-reply", "willkömmen"))) {
            var reply = "willkömmen\n";
            int length = reply.getBytes(StandardCharsets.UTF_8).length;
            var sender = server.join("g");
            assertThat(sender.readText(length)).isEqualTo(reply);
            var flood = sender.flood();
            for (int i = 0; i < 20; i++) {
                var member = server.join("g");
                assertThat(member.readText(length)).isEqualTo(reply);
                assertThat(member.read(10)).containsOnly(0);
                member.close();
            }
            sender.close();
            flood.join();
            server.awaitMembers(0);
            assertThat(server.context.heldQueueBytes()).isZero();
        }
    }
}
