package dev.socketforwarder.runtime.streams;

import static dev.socketforwarder.runtime.testing.NetstringCodec.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.testing.NetstringCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CodecTest {

    @Test
    void membersOfCodecsHearEachOtherWithTheKindAndNotThemselves() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            a.send(frame('T', "text") + frame('B', "bytes") + frame('T', ""));
            b.expect(frame('T', "text") + frame('B', "bytes") + frame('T', ""));
            b.send(frame('T', "back"));
            a.expect(frame('T', "back"));
            a.send("Q0:,");
            a.expect("Q0:,");
            a.awaitEnd();
            server.plain.awaitOnce(Reason.PEER_CLOSED);
        }
    }

    @Test
    void plainMembersOfARawGroupExchangeBytesWithCodecs() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var plain = server.plain.join("g");
            var coded = server.join("g");
            coded.send(frame('T', "one") + frame('B', "two"));
            plain.expect("onetwo");
            plain.send("chunk");
            coded.expect(frame('N', "chunk"));
        }
    }

    @Test
    void plainMembersOfAFramedGroupGetFrames() throws IOException {
        try (var server = new CodecServer(Map.of("join-reply", "welcome"), Framing.LINE, FlowLimits.DEFAULT)) {
            var plain = server.plain.join("g");
            plain.expect("welcome\n");
            var coded = server.join("g");
            coded.expect(frame('T', "welcome"));
            var other = server.join("g");
            other.expect(frame('T', "welcome"));
            coded.send(frame('T', "one") + frame('T', "no\nline") + frame('B', "two"));
            plain.expect("one\ntwo\n");
            other.expect(frame('T', "one") + frame('T', "no\nline") + frame('B', "two"));
            assertThat(server.plain.count(Reason.UNFRAMEABLE)).isEqualTo(1);
            plain.send("first\nsecond\nunfini");
            coded.expect(frame('N', "first") + frame('N', "second"));
            plain.send("shed\n");
            coded.expect(frame('N', "unfinished"));
        }
    }

    @Test
    void equalEncodingsAreMadeOnce() throws IOException {
        try (var server = new CodecServer(Map.of(), Framing.LINE, FlowLimits.DEFAULT)) {
            var sender = server.plain.join("g");
            var loop = server.plain.join("g");
            var first = server.join("g");
            var second = server.join("g");
            var other = server.join(server.connect(), 'K', "g");
            NetstringCodec.Netstrings.ENCODED.set(0);
            sender.send("hello\n");
            first.expect(frame('N', "hello"));
            second.expect(frame('N', "hello"));
            other.expect(frame('N', "hello") + "~");
            loop.expect("hello\n");
            assertThat(NetstringCodec.Netstrings.ENCODED.get()).isEqualTo(2);
        }
    }

    @Test
    void whatAnEncodingCannotCarryIsLeftOutAndCounted() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            a.send(frame('T', "one") + frame('T', "!no") + frame('T', "two"));
            b.expect(frame('T', "one") + frame('T', "two"));
            assertThat(server.plain.count(Reason.UNFRAMEABLE)).isEqualTo(1);
        }
    }

    @Test
    void aCodecMayNameTheGroupItself() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var plain = server.plain.join("g");
            var coded = server.connect();
            coded.send(frame('G', "g") + frame('T', "early"));
            coded.expect("+0:,");
            plain.expect("early");
        }
    }

    @Test
    void bytesMayComeOneByOne() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var b = server.join("g");
            var a = server.connect();
            var text = frame('J', TestContext.PREFIX + "g") + frame('T', "in small pieces");
            for (var each : text.getBytes(StandardCharsets.US_ASCII)) {
                a.send(new byte[] {each});
            }
            a.expect("+0:,");
            b.expect(frame('T', "in small pieces"));
        }
    }

    @Test
    void largeMessagesArriveWholeAndTooLargeOnesCloseTheirSender() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            var plain = server.plain.join("g");
            var large = "x".repeat(1 << 20);
            a.sendLater((frame('T', large) + frame('T', "next")).getBytes(StandardCharsets.US_ASCII));
            b.expect(frame('T', large) + frame('T', "next"));
            plain.expect(large + "next");
            a.sendLater(frame('T', large + "x").getBytes(StandardCharsets.US_ASCII));
            a.expect(frame('-', "message-too-large"));
            a.awaitClosed();
            server.plain.awaitOnce(Reason.MESSAGE_TOO_LARGE);
        }
    }

    @Test
    void whatACodecSaysAfterAMessageThatIsTooLargeDoesNotHideTheFault() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var tooLarge = frame('T', "x".repeat((1 << 20) + 1));
            a.sendLater((tooLarge + "P0:,Q0:,").getBytes(StandardCharsets.US_ASCII));
            a.expect(frame('-', "message-too-large"));
            a.awaitEnd();
            server.plain.awaitOnce(Reason.MESSAGE_TOO_LARGE);
        }
    }

    @Test
    void aMemberThatIsClosedWhileItsCodecPublishesIsTold() throws Exception {
        try (var server = new CodecServer(Map.of())) {
            var plain = server.plain.join("g");
            var coded = server.join("g");
            coded.send("T10:01234");
            server.plain.awaitQuiet();
            try (var _ = server.holdLoop("g")) {
                plain.send("!oom"); // finds no memory when the codec publishes behind it
                coded.send("56789,");
            }
            coded.expect(frame('-', "out-of-queue"));
            coded.awaitEnd();
            plain.expect("0123456789");
            plain.close();
            server.awaitReleased();
            assertThat(server.plain.count(Reason.INTERNAL_ERROR)).isZero();
        }
    }

    @Test
    void aFloodWithoutAMessageIsRefusedAtTheLimit() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            a.sendLater(("T999999999:" + "x".repeat(2 << 20)).getBytes(StandardCharsets.US_ASCII));
            a.expect(frame('-', "message-too-large"));
            a.awaitClosed();
            var early = server.connect();
            early.send("J20000:" + "x".repeat(9_000));
            early.expect(frame('-', "first-message-too-long"));
            early.awaitClosed();
            server.plain.awaitOnce(Reason.FIRST_MESSAGE_TOO_LONG);
        }
    }

    @Test
    void refusalsAreToldInTheCodecsWords() throws IOException {
        try (var server = new CodecServer(Map.of("max-groups", 1))) {
            var wrong = server.connect();
            wrong.send(frame('J', "WRONG:g"));
            wrong.expect(frame('-', "wrong-prefix"));
            wrong.awaitEnd();
            var bad = server.connect();
            bad.send("what is this");
            bad.expect("!no netstring,");
            bad.awaitEnd();
            server.plain.awaitOnce(Reason.PROTOCOL_ERROR);
            assertThat(server.context.lastDetail(Reason.PROTOCOL_ERROR)).isEqualTo("no netstring");
            server.connect().close();
            server.plain.awaitOnce(Reason.PROBE);
            server.awaitReleased();
        }
    }

    @Test
    void aMemberThatBreaksTheProtocolIsToldAndReported() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            a.send(frame('T', "good") + "nonsense");
            b.expect(frame('T', "good"));
            a.expect("!no netstring,");
            a.awaitEnd();
            server.plain.awaitOnce(Reason.PROTOCOL_ERROR);
            assertThat(server.plain.count(Reason.MESSAGE_INCOMPLETE)).isZero();
        }
    }

    @Test
    void theLastWordsOfACodecThatEndsWhenItHasJoinedStayTheLast() throws IOException {
        try (var server = new CodecServer(Map.of("join-reply", "welcome"), Framing.LINE, FlowLimits.DEFAULT)) {
            server.record.onJoined = conversation -> conversation.end(Reason.PEER_CLOSED, "");
            var a = server.join("g");
            a.awaitEnd();
            server.plain.awaitOnce(Reason.PEER_CLOSED);
        }
    }

    @Test
    void nothingOfTheSameTurnComesBehindTheLastWordsOfACodec() throws Exception {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            try (var _ = server.holdLoop("g")) {
                b.send(frame('T', "too late for a"));
                a.send("Q0:,");
            }
            a.expect("Q0:,");
            a.awaitEnd();
        }
    }

    @Test
    void aCodecThatThrowsForEveryPeerIsTracedOnceAMinuteOnEachLoop() throws IOException {
        var log = new ByteArrayOutputStream();
        Logging.start(LogFormat.TEXT, log, false);
        try (var server = new CodecServer(Map.of())) {
            for (int i = 0; i < 20; i++) {
                var peer = server.connect();
                peer.send(frame('X', ""));
                peer.awaitClosed();
            }
            var traces = log.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains("WARN"))
                    .toList();
            assertThat(traces)
                    .hasSizeBetween(1, server.plain.loops().all().size())
                    .allMatch(line -> line.contains("the codec of 127.0.0.1:") && line.contains("at the endpoint tcp"));
        } finally {
            Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
        }
    }

    @Test
    void aCodecThatThrowsLosesItsConnectionAlone() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            var c = server.join("g");
            a.send(frame('T', "good") + frame('X', ""));
            b.expect(frame('T', "good"));
            a.awaitClosed();
            server.plain.awaitOnce(Reason.INTERNAL_ERROR);
            b.send(frame('T', "still here"));
            c.expect(frame('T', "good") + frame('T', "still here"));
            var early = server.connect();
            early.send(frame('X', ""));
            early.awaitClosed();
            b.close();
            c.close();
            server.awaitReleased();
        }
    }

    @Test
    void theEndOfThePeersSideIsTold() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            a.shutOutput();
            b.expect(frame('T', "last words"));
            a.expect("E0:,");
            a.awaitEnd();
            assertThat(server.record.events).contains("ended").doesNotContain("goodbye peer-closed");
            b.close();
            server.awaitReleased();
        }
    }

    @Test
    void aReceiverStaysWhereHalfCloseIsKept() throws IOException {
        try (var server = new CodecServer(Map.of("half-close", "keep"))) {
            var a = server.join("g");
            var b = server.join("g");
            a.shutOutput();
            a.expect("E0:,");
            b.send(frame('T', "news"));
            a.expect(frame('T', "news"));
        }
    }

    @Test
    void theStopSaysGoodbyeBehindWhatWaits() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            b.send(frame('T', "last"));
            server.endpoint.quiesce(Duration.ofSeconds(5));
            var unsent = TestClient.later(() -> server.endpoint.stop(Duration.ofSeconds(5)));
            a.expect(frame('T', "last") + frame('-', "stopped"));
            a.awaitEnd();
            b.expect(frame('-', "stopped"));
            b.awaitEnd();
            assertThat(unsent.join().bytes()).isZero();
            server.awaitReleased();
        }
    }

    @Test
    void aSilentPeerIsProbedAndStaysIfItAnswers() throws IOException {
        try (var server = new CodecServer(Map.of("idle-timeout", Duration.ofMillis(800)))) {
            var a = server.join("g");
            for (int i = 0; i < 3; i++) {
                a.expect("P0:,");
                a.send("O0:,");
            }
            a.expect("P0:,");
            a.expect(frame('-', "idle"));
            a.awaitEnd();
            server.plain.awaitOnce(Reason.IDLE);
        }
    }

    @Test
    void pingsOfAPeerThatReadsNothingAreReadNoFurther() throws IOException {
        try (var server = new CodecServer(Map.of("write-deadline", Duration.ofSeconds(2)))) {
            var a = server.joinSlow("g");
            var flood = TestClient.later(() -> {
                var pings = "P0:,".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
                try {
                    while (true) {
                        a.send(pings);
                    }
                } catch (IOException _) {
                    return null;
                }
            });
            server.plain.awaitOnce(Reason.WRITE_DEADLINE);
            assertThat(server.plain.count(Counter.MEMBERS)).isZero();
            flood.join();
            server.awaitReleased();
        }
    }

    @Test
    void aConversationIsForItsCodecsOwnMethods() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var seen = new AtomicReference<Conversation>();
            server.record.onJoined = seen::set;
            server.join("g");
            assertThatIllegalStateException().isThrownBy(() -> seen.get().largestMessage());
            assertThatIllegalStateException().isThrownBy(() -> seen.get().memory());
            assertThatIllegalStateException().isThrownBy(() -> seen.get().send(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void aCodecGivesItsMemoryBackWhenItIsClosed() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            server.record.onJoined = conversation -> {
                var kept = conversation.memory().acquire(1_000);
                server.record.onClosed = () -> conversation.memory().release(kept);
            };
            var a = server.join("g");
            assertThat(server.context.heldQueueBytes()).isPositive();
            a.close();
            server.awaitReleased();
        }
    }

    @Test
    void namesAndCountsAreThoseOfAnyMember() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            server.join("g");
            server.join("g");
            server.plain.awaitMembers(2);
            assertThat(server.plain.count(Counter.JOINED)).isEqualTo(2);
            assertThat(server.record.events).contains("joined 1048576");
        }
    }
}
