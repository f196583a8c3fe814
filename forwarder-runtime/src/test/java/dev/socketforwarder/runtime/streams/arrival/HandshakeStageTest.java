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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class HandshakeStageTest {
    private static final String FIRST = TestContext.PREFIX + "h\u00e9-1\r\n";

    @Test
    void theResultIsTheSameWhereverTheBytesAreSplit() throws IOException {
        var bytes = (FIRST + "data").getBytes();
        try (var server = new TestServer(Map.of())) {
            var witness = server.join("h\u00e9-1");
            // A first piece that could be a whole first message, but for its line feed, counts as one. Such pieces are
            // left out.
            int prefix = TestContext.PREFIX.length();
            for (int split = 1; split <= bytes.length; split++) {
                if (split > prefix && split < prefix + 6) {
                    continue;
                }
                var client = server.connect();
                long reads = server.count(Counter.ACCEPTED);
                client.socket.getOutputStream().write(bytes, 0, split);
                TestServer.await("accepted", () -> server.count(Counter.ACCEPTED) >= reads);
                client.socket.getOutputStream().write(bytes, split, bytes.length - split);
                assertThat(witness.readText(4)).as("split at " + split).isEqualTo("data");
                client.close();
            }
            server.awaitMembers(1);
        }
    }

    @Test
    void oneByteAtATimeJoinsToo() throws IOException {
        try (var server = new TestServer(Map.of("first-message", "line"))) {
            var witness = server.join("h\u00e9-1");
            for (int round = 0; round < 5; round++) {
                var client = server.connect();
                for (byte b : (FIRST + "data").getBytes()) {
                    client.send(new byte[] {b});
                }
                assertThat(witness.readText(4)).isEqualTo("data");
            }
        }
    }

    @Test
    void withoutALineFeedTheFirstReadIsTheGroup() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var a = server.connect();
            a.send(TestContext.PREFIX + "g");
            server.awaitMembers(1);
            var b = server.join("g");
            b.send("hello");
            assertThat(a.readText(5)).isEqualTo("hello");
        }
    }

    @Test
    void muchDataBehindTheFirstMessageIsDeliveredOnceAndInOrder() throws IOException {
        try (var server = new TestServer(Map.of("max-read-in-size", 100))) {
            var witness = server.join("g");
            var text = new StringBuilder();
            for (int i = 0; text.length() < 300_000; i++) {
                text.append(i).append(' ');
            }
            var client = server.connect();
            client.send(TestContext.PREFIX + "g\n" + text);

            assertThat(witness.readText(text.length())).isEqualTo(text.toString());
            client.close();
            server.awaitMembers(1);
            assertThat(server.count(Counter.BYTES_IN)).isEqualTo(text.length());
        }
    }

    @Test
    void whoSaysEverythingAndEndsAtOnceIsHeard() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var witness = server.join("g");
            for (int i = 0; i < 50; i++) {
                var client = server.connect();
                client.send(TestContext.PREFIX + "g\nlast words");
                client.close();
                assertThat(witness.readText(10)).isEqualTo("last words");
            }
            server.awaitMembers(1);
            witness.close();
            server.awaitNoConnections();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'hello',                              WRONG_PREFIX",
        "'SOCKETFORWARDER-NEX',                WRONG_PREFIX",
        "'SOCKETFORWARDER-NEW:\n',             BAD_GROUP_ID",
        "'SOCKETFORWARDER-NEW:\r\n',           BAD_GROUP_ID",
        "'SOCKETFORWARDER-NEW:a\tb\n',         BAD_GROUP_ID",
    })
    void aBadFirstMessageIsRefusedForOneReason(String message, Reason reason) throws IOException {
        try (var server = new TestServer(Map.of())) {
            var client = server.connect();
            client.send(message);
            client.awaitClosed();
            server.awaitOnce(reason);
            server.awaitNoConnections();
            assertThat(server.count(Counter.JOINED)).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"HELLO, wrong-prefix", "SOCKETFORWARDER-NEW:, bad-group-id"})
    void aRefusedClientIsToldWhyIfTheEndpointRepliesToRefusals(String message, String reason) throws IOException {
        try (var server = new TestServer(Map.of("refusal-reply", true))) {
            var client = server.connect();
            client.send(message + "\n" + "x".repeat(10_000));
            assertThat(new String(client.readToEnd(), StandardCharsets.US_ASCII))
                    .isEqualTo("SOCKETFORWARDER-REFUSED:" + reason + "\n");
            server.awaitNoConnections();
        }
    }

    @Test
    void aRefusedClientHearsNothingByDefault() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var client = server.connect();
            client.send("HELLO\n");
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    @Test
    void aClientThatEndsWithoutAWordIsToldNothing() throws IOException {
        try (var server = new TestServer(Map.of("refusal-reply", true))) {
            var client = server.connect();
            client.shutOutput();
            assertThat(client.readToEnd()).isEmpty();
            server.awaitOnce(Reason.PROBE);
        }
    }

    @Test
    void aGroupIdAboveItsLimitIsRefused() throws IOException {
        try (var server = new TestServer(Map.of())) {
            server.join("x".repeat(256));
            var client = server.connect();
            client.send(TestContext.PREFIX + "x".repeat(257) + "\n");
            client.awaitClosed();
            server.awaitOnce(Reason.BAD_GROUP_ID);
        }
    }

    @Test
    void aFirstMessageAboveItsLimitIsRefusedHoweverItIsSent() throws IOException {
        try (var server = new TestServer(Map.of("first-message-limit", 64, "first-message", "line"))) {
            var client = server.connect();
            client.send(TestContext.PREFIX);
            for (int i = 0; i < 100; i++) {
                try {
                    client.send("x");
                } catch (IOException _) {
                    break; // closed already
                }
            }
            client.awaitClosed();
            server.awaitOnce(Reason.FIRST_MESSAGE_TOO_LONG);

            var exact = server.connect();
            exact.send(TestContext.PREFIX + "y".repeat(63 - TestContext.PREFIX.length()) + "\n");
            server.awaitMembers(1);
        }
    }

    @Test
    void silenceIsRefusedWhenItsTimeIsOver() throws IOException {
        try (var server = new TestServer(Map.of("first-message-timeout", Duration.ofMillis(50)))) {
            var silent = server.connect();
            var dripping = server.connect();
            dripping.send("SOCK");
            silent.awaitClosed();
            dripping.awaitClosed();
            TestServer.await("both", () -> server.count(Reason.FIRST_MESSAGE_TIMEOUT) == 2);
            server.awaitNoConnections();
        }
    }

    @Test
    void theTimeOfOneThatJoinedIsNotOver() throws IOException {
        try (var server = new TestServer(Map.of("first-message-timeout", Duration.ofMillis(30)))) {
            var a = server.join("g");
            var silent = server.connect();
            silent.awaitClosed();
            server.connect().awaitClosed();
            var b = server.join("g");
            b.send("x");
            assertThat(a.readText(1)).isEqualTo("x");
        }
    }

    @Test
    void aConnectionWithoutAByteIsAProbe() throws IOException {
        try (var server = new TestServer(Map.of())) {
            server.connect().close();
            server.awaitOnce(Reason.PROBE);
            server.connect().reset();
            TestServer.await("both", () -> server.count(Reason.PROBE) == 2);
            server.awaitNoConnections();
        }
    }

    @Test
    void oneThatEndsInsideItsFirstMessageIsIncomplete() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var client = server.connect();
            client.send("SOCKET");
            client.close();
            server.awaitOnce(Reason.FIRST_MESSAGE_INCOMPLETE);
            server.awaitNoConnections();
        }
    }

    @Test
    void silentClientsDelayNobody() throws IOException {
        try (var server = new TestServer(Map.of())) {
            for (int i = 0; i < 200; i++) {
                server.connect();
            }
            var a = server.join("g");
            var b = server.join("g");
            a.send("x");
            assertThat(b.readText(1)).isEqualTo("x");
        }
    }

    /** Blocks for each peer whose message asks for that, until the latch opens. */
    private record BlockingPolicy(CountDownLatch goOn) implements HandshakePolicy {
        @Override
        public String name() {
            return "blocking";
        }

        @Override
        public Handshake create(Settings settings) {
            return (_, bytes, _) -> {
                if (bytes.hasRemaining() && bytes.get(0) == 'B') {
                    try {
                        goOn.await();
                    } catch (InterruptedException _) {
                        return new Handshake.Rejected(Reason.NOT_ADMITTED);
                    }
                    return new Handshake.Admitted("g", 1);
                }
                return new Handshake.Declined(Reason.NOT_ADMITTED);
            };
        }
    }

    private static TestServer blocking(CountDownLatch goOn, Duration limit) throws IOException {
        return new TestServer(
                Map.of("policy", new BlockingPolicy(goOn), "policies-may-block", true, "first-message-timeout", limit));
    }

    @Test
    void aPolicyThatBlocksDelaysNobodyElse() throws IOException {
        var goOn = new CountDownLatch(1);
        try (var server = blocking(goOn, Duration.ofSeconds(20))) {
            var a = server.join("g");
            var waiting = server.connect();
            waiting.send("Bhello");
            for (int i = 0; i < 20; i++) {
                var b = server.join("g");
                b.send("x");
                assertThat(a.readText(1)).isEqualTo("x");
            }
            waiting.send(" and more");
            goOn.countDown();
            assertThat(a.readText(14)).isEqualTo("hello and more");
        }
    }

    @Test
    void oneForWhomAPolicyBlocksTooLongIsClosedAndTheStopWaitsForNone() throws IOException {
        var never = new CountDownLatch(1);
        try (var server = blocking(never, Duration.ofMillis(200))) {
            for (int i = 0; i < 40; i++) { // more peers than are asked about at once
                server.connect().send("B");
            }
            TestServer.await("timeouts", () -> server.count(Reason.FIRST_MESSAGE_TIMEOUT) == 40);
            server.awaitNoConnections();
            long startNs = System.nanoTime();
            server.endpoint.quiesce(Duration.ofSeconds(5));
            server.endpoint.stop(Duration.ofSeconds(5));
            assertThat(System.nanoTime() - startNs).isLessThan(5_000_000_000L);
            TestServer.await(
                    "no thread of a policy",
                    () -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().startsWith("tcp-policy-")));
        }
    }

    @Test
    void whoComesAndGoesWhileAPolicyHangsFillsNoMemory() throws IOException {
        var goOn = new CountDownLatch(1);
        var settings = Map.of(
                "policy",
                new BlockingPolicy(goOn),
                "policies-may-block",
                true,
                "first-message-timeout",
                Duration.ofMillis(100),
                "max-first-messages",
                60,
                "max-connections-per-address",
                0);
        try (var server = new TestServer(settings)) {
            for (int i = 0; i < 300; i++) {
                var client = server.connect();
                try {
                    client.send("B");
                } catch (IOException _) {
                    continue; // the client was refused already
                }
                TestServer.await("room", () -> server.count(Counter.CONNECTIONS) < 50);
            }
            TestServer.await(
                    "all refused",
                    () -> server.count(Reason.FIRST_MESSAGE_TIMEOUT) + server.count(Reason.TOO_MANY_FIRST_MESSAGES)
                            == 300);
            server.awaitNoConnections();
            assertThat(server.count(Reason.FIRST_MESSAGE_TIMEOUT)).isLessThanOrEqualTo(60);

            goOn.countDown();
            TestServer.await("a place", () -> joins(server));
        }
    }

    /**
     * {@return whether a client that comes now is let in; false: the client was refused, or a busy machine took too
     * long to ask}
     */
    private static boolean joins(TestServer server) {
        long joined = server.count(Counter.JOINED);
        long before = answers(server);
        try (var client = server.connect()) {
            client.send("B");
            TestServer.await("an answer", () -> answers(server) > before);
        } catch (IOException _) {
            return false;
        }
        return server.count(Counter.JOINED) > joined;
    }

    private static long answers(TestServer server) {
        return server.count(Counter.JOINED)
                + server.count(Reason.TOO_MANY_FIRST_MESSAGES)
                + server.count(Reason.FIRST_MESSAGE_TIMEOUT);
    }
}
