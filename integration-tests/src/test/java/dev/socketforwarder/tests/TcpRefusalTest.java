package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests bad first messages: the connection is closed with one line in the log, and nothing else happens. */
class TcpRefusalTest {
    private static final String P = TcpClient.PREFIX;
    // A source is logged once, so each test needs sources of its own.
    private static final AtomicInteger SOURCES = new AtomicInteger();

    private static Forwarder forwarder;

    @BeforeAll
    static void start() {
        forwarder = Launch.with()
                .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                .env("SOCKETFORWARDER_TCP_PORT", "0")
                .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE_TIMEOUT", "2s")
                .start();
    }

    @AfterAll
    static void stop() {
        forwarder.close();
    }

    private static String source() {
        int n = SOURCES.incrementAndGet();
        return "127.1." + n / 200 + "." + (1 + n % 200);
    }

    /** {@return the line that says why a source was refused} */
    private static String awaitRefusal(Forwarder from, String source, String reason) {
        var said = "refused " + source + ": ";
        var line = from.awaitLine(said);
        assertThat(line).contains(said + reason);
        assertThat(line.substring(line.indexOf(said) + said.length() + reason.length()))
                .matches(" \\(port [0-9]+\\)(|[:,].*)");
        return line;
    }

    static Stream<Arguments> badFirstMessages() {
        return Stream.of(
                arguments("another protocol", bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "wrong-prefix"),
                arguments("one wrong byte", bytes("X"), "wrong-prefix"),
                arguments("prefix in small letters", bytes(P.toLowerCase() + "group\n"), "wrong-prefix"),
                arguments("a line feed alone", bytes("\n"), "wrong-prefix"),
                arguments("a space before", bytes(" " + P + "group\n"), "wrong-prefix"),
                arguments("the prefix cut", bytes("SOCKETFORWARDER-NEW\ngroup\n"), "wrong-prefix"),
                arguments("no group", bytes(P + "\n"), "bad-group-id"),
                arguments("no group, CR LF", bytes(P + "\r\n"), "bad-group-id"),
                arguments("a tab", bytes(P + "a\tb\n"), "bad-group-id"),
                arguments("NUL", bytes(P + "a\0b\n"), "bad-group-id"),
                arguments("a carriage return inside", bytes(P + "a\rb\n"), "bad-group-id"),
                arguments("escape", bytes(P + "\u001b[31mred\n"), "bad-group-id"),
                arguments("DEL", bytes(P + "a\u007f\n"), "bad-group-id"),
                arguments("a C1 control character", bytes(P + "a\u0085b\n"), "bad-group-id"),
                arguments("257 bytes", bytes(P + "x".repeat(257) + "\n"), "bad-group-id"),
                arguments("257 bytes in 129 characters", bytes(P + "\u00fc".repeat(128) + "x\n"), "bad-group-id"),
                arguments("not UTF-8", bytes(P, 0xff, 0xfe, '\n'), "bad-group-id"),
                arguments("UTF-8 cut", bytes(P + "ab", 0xc3, '\n'), "bad-group-id"),
                arguments("overlong UTF-8", bytes(P, 0xc0, 0xaf, '\n'), "bad-group-id"),
                arguments("a surrogate in UTF-8", bytes(P, 0xed, 0xa0, 0x80, '\n'), "bad-group-id"),
                arguments("2,000 bytes", bytes(P + "x".repeat(2_000)), "bad-group-id"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badFirstMessages")
    void isClosedWithOneLine(String what, byte[] message, String reason) {
        var source = source();
        try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
            client.send(message).expectClosed();
        }
        var line = awaitRefusal(forwarder, source, reason);
        assertThat(line.codePoints().filter(Character::isISOControl)).as(what).isEmpty();
        assertThat(line.length()).as(what).isLessThan(500);
    }

    private static byte[] bytes(String text, int... more) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        IntStream.of(more).forEach(out::write);
        return out.toByteArray();
    }

    @Test
    void peersBytesAreEscapedAndBoundedInTheLog() {
        var source = source();
        try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
            client.send("one\n2026-01-01T00:00:00.000Z ERROR forged \u001b[2J\r\"\\ \u202e" + "y".repeat(900))
                    .expectClosed();
        }
        var line = awaitRefusal(forwarder, source, "wrong-prefix");
        assertThat(line).contains("one\\n2026-01-01T00:00:00.000Z ERROR forged");
        assertThat(line.codePoints().filter(c -> c < ' ' || c == 0x202e)).isEmpty();
        assertThat(line.length()).isLessThan(500);
        assertThat(forwarder.err().matching(other -> other.startsWith("2026-01-01")))
                .isEmpty();
    }

    @Test
    void binaryRubbishDoesNoHarm() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var own = Launch.onFreePorts().start();
                var one = own.join("good");
                var other = own.join("good")) {
            for (int i = 0; i < 200; i++) {
                var rubbish = new byte[1 + random.nextInt(1_500)];
                random.nextBytes(rubbish);
                if (i % 4 == 0) {
                    var prefix = bytes(P);
                    System.arraycopy(prefix, 0, rubbish, 0, Math.min(prefix.length, rubbish.length));
                }
                if (i % 4 == 0 && rubbish.length > 40) {
                    rubbish[25] = 7; // certainly no group id
                }
                try (var client = TcpClient.connect(own.tcp())) {
                    client.send(rubbish).finish();
                    client.expectClosed();
                }
            }
            one.send("as if nothing had been");
            other.expect("as if nothing had been");
            assertThat(own.err().soFar()).allMatch(line -> line.matches("\\p{Print}+") && line.length() < 500);
            assertThat(own.err().matching(line -> line.contains("Exception"))).isEmpty();
        }
    }

    @Test
    void firstMessageThatDoesNotEndIsTooLong() {
        try (var strict = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE", "line")
                        .start();
                var client = TcpClient.connect(strict.tcp())) {
            client.send(P + "x".repeat(1_024 - P.length())).expectClosed();

            awaitRefusal(strict, "127.0.0.1", "first-message-too-long");
        }
    }

    @Test
    void firstMessageInManyPartsThatDoesNotEndIsTooLong() {
        var source = source();
        try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
            client.send(P);
            client.awaitRead();
            client.send("x".repeat(1_023 - P.length()));
            client.awaitRead();
            client.send("x").expectClosed();
        }
        awaitRefusal(forwarder, source, "first-message-too-long");
    }

    @Test
    void limitsAreConfigurable() {
        try (var own = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE_LIMIT", "64")
                        .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE", "line")
                        .start();
                var client = TcpClient.connect(own.tcp());
                var good = TcpClient.connect(own.tcp())) {
            client.send(P + "x".repeat(64 - P.length())).expectClosed();
            awaitRefusal(own, "127.0.0.1", "first-message-too-long");

            good.send(P + "x".repeat(63 - P.length()) + "\n");
            own.awaitJoined(good, "x".repeat(63 - P.length()));
        }
    }

    @Test
    void silenceIsTimedOut() {
        var source = source();
        try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
            assertThat(client.timeUntilClosed()).isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(15));
        }
        awaitRefusal(forwarder, source, "first-message-timeout");
    }

    @Test
    void tricklingDoesNotExtendTheTime() {
        var source = source();
        try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
            client.send("SOCKET");
            client.awaitRead();
            client.send("FORW");
            assertThat(client.timeUntilClosed()).isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(15));
        }
        assertThat(awaitRefusal(forwarder, source, "first-message-timeout")).contains("SOCKETFORW");
    }

    @Test
    void theTimeIsFiveSecondsUnlessConfigured() {
        try (var own = Launch.onFreePorts().start();
                var client = TcpClient.connect(own.tcp())) {
            assertThat(client.timeUntilClosed()).isBetween(Duration.ofMillis(4_500), Duration.ofSeconds(15));
            awaitRefusal(own, "127.0.0.1", "first-message-timeout");
        }
    }

    @Test
    void endInsideTheFirstMessageIsIncomplete() {
        var source = source();
        try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
            client.send(P).finish().expectClosed();
        }
        awaitRefusal(forwarder, source, "first-message-incomplete");
    }

    @Test
    void resetInsideTheFirstMessageIsIncomplete() {
        var source = source();
        try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
            client.send("SOCKET");
            client.awaitRead();
            client.reset();
        }
        awaitRefusal(forwarder, source, "first-message-incomplete");
    }

    @Test
    void probeIsLoggedAtDebugAlone() {
        var source = source();
        TcpClient.connectFrom(source, forwarder.tcp()).close();
        try (var probe = TcpClient.connectFrom(source, forwarder.tcp())) {
            probe.finish().expectClosed();
        }
        try (var wrong = TcpClient.connectFrom(source, forwarder.tcp())) {
            wrong.send("no probe\n").expectClosed();
        }
        awaitRefusal(forwarder, source, "wrong-prefix");
        assertThat(forwarder
                        .err()
                        .matching(
                                line -> line.contains("probe") && line.contains(source) && !line.contains("no probe")))
                .isEmpty();

        try (var debugging = Launch.onFreePorts().start()) {
            TcpClient.connect(debugging.tcp()).close();
            assertThat(awaitRefusal(debugging, "127.0.0.1", "probe")).contains("DEBUG");
        }
    }

    @Test
    void refusalsAreLoggedOncePerReasonSourceAndMinuteWithACount() {
        var source = source();
        var another = source();
        for (int i = 0; i < 10; i++) {
            try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
                client.send("wrong " + i + "\n").expectClosed();
            }
        }
        try (var client = TcpClient.connectFrom(source, forwarder.tcp())) {
            client.send(P + "\n").expectClosed();
        }
        try (var client = TcpClient.connectFrom(another, forwarder.tcp())) {
            client.send("wrong\n").expectClosed();
        }
        awaitRefusal(forwarder, another, "wrong-prefix");
        assertThat(forwarder.err().matching(line -> line.contains(source + ": wrong-prefix")))
                .singleElement()
                .asString()
                .contains("wrong 0\\n");
        assertThat(forwarder.err().matching(line -> line.contains(source + ": bad-group-id")))
                .hasSize(1);

        // Nine more were counted; the line about them comes after the minute.
        var counted = forwarder
                .err()
                .await(
                        2,
                        line -> line.contains(source + ": wrong-prefix"),
                        "the line with the count",
                        Duration.ofSeconds(75));
        assertThat(counted).containsPattern("\\b9\\b");
        assertThat(forwarder.err().matching(line -> line.contains(source + ": bad-group-id")))
                .hasSize(1);
    }

    @Test
    void refusedClientsCostTheMembersNothing() {
        var noise = Noise.random();
        try (var own = Launch.onFreePorts().start();
                var one = own.join("members");
                var other = own.join("members");
                var together = new Together()) {
            var flood = Flood.start(one, noise, 10_000_000);
            together.start(() -> Flood.expect(other, noise, 0, 10_000_000));
            for (int i = 0; i < 100; i++) {
                try (var client = TcpClient.connect(own.tcp())) {
                    client.send("nothing of ours\n").expectClosed();
                }
            }
            together.await();
            assertThat(flood.total()).isEqualTo(10_000_000);
        }
    }
}
