package dev.socketforwarder.runtime.streams;

import static dev.socketforwarder.runtime.testing.NetstringCodec.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.runtime.testing.DatagramMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for plain members also holds for members with a codec. */
@Timeout(60)
class CodecMembersTest {
    private static final int KIB = 1_024;

    /** Admits to the group {@code g} who says B, when it is told to. */
    private record Blocking(CountDownLatch goOn) implements HandshakePolicy {
        @Override
        public String name() {
            return "blocking";
        }

        @Override
        public Handshake create(Settings settings) {
            return (_, bytes, _) -> {
                try {
                    goOn.await();
                } catch (InterruptedException _) {
                    return new Handshake.Rejected(Reason.NOT_ADMITTED);
                }
                return bytes.hasRemaining() && bytes.get(0) == 'B'
                        ? new Handshake.Admitted("g", 1)
                        : new Handshake.Declined(Reason.NOT_ADMITTED);
            };
        }
    }

    @Test
    void aPolicyMayBlockAndNothingIsReadMeanwhile() throws IOException {
        var goOn = new CountDownLatch(1);
        var settings = Map.of("policy", new Blocking(goOn), "policies-may-block", true);
        try (var server = new CodecServer(settings)) {
            var a = server.connect();
            a.send(frame('J', "B") + frame('T', "early"));
            var b = server.connect();
            b.send(frame('J', "B"));
            a.send(frame('T', "later"));
            goOn.countDown();
            a.expect("+0:,");
            b.expect("+0:,");
            server.plain.awaitMembers(2);
            b.send(frame('T', "hello"));
            a.expect(frame('T', "hello"));
            var c = server.connect();
            c.send(frame('J', "C"));
            c.expect(frame('-', "wrong-prefix"));
            c.awaitEnd();
        }
    }

    @Test
    void whatACodecLeavesIsPresentedAgainWithoutAnotherByte() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            a.send(frame('T', "one") + "S0:," + frame('T', "two") + "S0:,S0:," + frame('T', "three") + "T4:fo");
            b.expect(frame('T', "one") + frame('T', "two") + frame('T', "three"));
            a.send("ur,");
            b.expect(frame('T', "four"));
        }
    }

    @Test
    void nothingMoreIsReadWhileACodecLeavesWholeMessages() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            int count = 300_000; // 2.7 MB are far more than a codec may leave of one message
            a.sendLater((frame('T', "a") + "S0:,").repeat(count).getBytes(StandardCharsets.US_ASCII));
            b.expect(frame('T', "a").repeat(count));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndOfThePeerComesBehindWhatACodecHasLeft(boolean isReset) throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            int count = 5_000;
            var frames = (frame('T', "a") + "S0:,").repeat(count);
            if (isReset) {
                a.send(frames + frame('T', "z"));
                b.expect(frame('T', "a")); // all of it was read in one go
                a.reset();
                b.expect(frame('T', "a").repeat(count - 1) + frame('T', "z"));
            } else {
                a.send(frames);
                a.shutOutput();
                b.expect(frame('T', "a").repeat(count) + frame('T', "last words"));
            }
            server.plain.awaitMembers(1);
        }
    }

    /** Each portion is far larger than the bytes that make the codec publish it. */
    @Test
    void aFullMemberPausesACodecThatHasLeftMuch() throws IOException {
        int large = 100_000;
        var limits = new FlowLimits(256 * KIB, 64 * KIB, 16 * KIB, Duration.ofSeconds(10));
        try (var server = new CodecServer(Map.of(), Framing.RAW, limits)) {
            var slow = server.joinSlow("g");
            var sender = server.join("g");
            int count = 300; // 30 MB, which no kernel takes at once
            sender.send((frame('N', "" + large) + "S0:,").repeat(count));
            TestServer.await("what waits", () -> server.plain.context.heldQueueBytes() > 256 * KIB);
            long most = 0;
            for (int i = 0; i < count; i++) {
                slow.expect(frame('B', "\0".repeat(large)) + "~");
                most = Math.max(most, server.plain.context.heldQueueBytes());
            }
            assertThat(most).as("memory, in buffers of up to 1 MiB").isLessThan(4L * KIB * KIB);
        }
    }

    @Test
    void aGroupWhoseCodecsTakeLongLeavesOthersTheirTurn() throws IOException {
        try (var server = new CodecServer(Map.of("event-loops", 1, "group-time", Duration.ofMillis(1)))) {
            var slow = new ArrayList<TestClient>();
            for (int i = 0; i < 5; i++) {
                slow.add(server.join("slow"));
            }
            var other = server.join("other");
            var events = server.record.events;
            events.clear();
            try (var _ = server.holdLoop("slow")) {
                server.record.onWait = () -> {
                    spend(Duration.ofMillis(2));
                    events.add("long");
                };
                for (var client : slow) {
                    client.send("W0:,");
                }
                other.send("O0:,");
            }
            TestServer.await("all", () -> Collections.frequency(events, "long") == 5 && events.contains("pong"));
            assertThat(events.indexOf("pong") - events.indexOf("long"))
                    .as("of " + events)
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void littleIsReadAtATimeWhereACodecTakesLongForIt() throws IOException {
        try (var server = new CodecServer(Map.of("group-time", Duration.ofMillis(1)))) {
            var sender = server.join("g");
            var end = server.join("g");
            server.record.onWait = () -> spend(Duration.ofNanos(2_000)); // for 4 bytes
            int bytes = 256 * KIB;
            sender.sendLater(("W0:,".repeat(bytes / 4) + frame('T', "end")).getBytes(StandardCharsets.US_ASCII));
            end.expect(frame('T', "end"));
            assertThat(server.plain.count(Counter.READS)).isGreaterThan((bytes - 64 * KIB) / (4 * KIB));
        }
    }

    @Test
    void rawBytesStayTogetherHoweverLongTheGroupsTurnsTake() throws IOException {
        try (var server = new CodecServer(Map.of("group-time", Duration.ofMillis(1)))) {
            var slow = server.join("g");
            var sender = server.plain.join("g");
            var receiver = server.plain.join("g");
            server.record.onWait = () -> spend(Duration.ofNanos(2_000)); // for 4 bytes
            slow.send("W0:,".repeat(16 * KIB) + frame('T', "end"));
            sender.expect("end");
            receiver.expect("end");
            var together = "a".repeat(40_000);
            long before;
            try (var _ = server.holdLoop("g")) {
                before = server.plain.count(Counter.READS);
                sender.send(together);
            }
            receiver.expect(together);
            assertThat(server.plain.count(Counter.READS)).isEqualTo(before + 1);
        }
    }

    private static void spend(Duration time) {
        long endNs = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - endNs < 0) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"member-rate", "group-rate"})
    void ratesCountWhatACodecPublishes(String rate) throws IOException {
        int perSecond = 200_000;
        int large = 100_000;
        try (var server = new CodecServer(Map.of(rate, (long) perSecond))) {
            var a = server.join("g");
            var b = server.join("g");
            long begunNs = System.nanoTime();
            a.send((frame('N', "" + large) + "S0:,").repeat(4)); // some 40 bytes, and 400 KB
            b.expect(frame('B', "\0".repeat(large)).repeat(4));
            assertThat(Duration.ofNanos(System.nanoTime() - begunNs)).isGreaterThan(Duration.ofMillis(1_200));
        }
    }

    @Test
    void theStopWaitsForWhatACodecHasLeft() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.join("g");
            var b = server.join("g");
            int count = 10_000;
            a.send((frame('T', "a") + "S0:,").repeat(count));
            server.endpoint.quiesce(Duration.ofSeconds(10));
            server.endpoint.stop(Duration.ofSeconds(10));
            b.expect(frame('T', "a").repeat(count));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void everythingWorksThroughTls(String version) throws IOException {
        try (var server = new CodecServer(Map.of("tls", TlsClient.tls(_ -> {})))) {
            try (var a = TlsClient.connect(server.address(), version);
                    var b = TlsClient.connect(server.address(), version)) {
                server.join(a, 'J', "g");
                server.join(b, 'J', "g");
                var large = "y".repeat(300_000);
                a.sendLater((frame('T', "small") + frame('B', large)).getBytes(StandardCharsets.US_ASCII));
                b.expect(frame('T', "small") + frame('B', large));
                b.send("nonsense");
                b.expect("!no netstring,");
                b.awaitEnd();
                a.send("Q0:,");
                a.expect("Q0:,");
                a.awaitEnd();
            }
            server.awaitReleased();
            assertThat(server.plain.loops().tlsBuffers().used()).isZero();
        }
    }

    @Test
    void theHeaderOfAProxyComesFirstAndLimitsAreThoseOfTheClient() throws IOException {
        Map<String, Object> settings = Map.of("proxy-protocol", List.of("127.0.0.1"), "max-connections-per-address", 1);
        try (var server = new CodecServer(settings)) {
            var a = server.connect();
            a.send("PROXY TCP4 203.0.113.7 127.0.0.1 40000 80\r\n");
            server.join(a, 'J', "g");
            var same = server.connect();
            same.send("PROXY TCP4 203.0.113.7 127.0.0.1 40001 80\r\n");
            same.awaitClosed();
            server.plain.awaitOnce(Reason.TOO_MANY_FROM_ADDRESS);
            var b = server.connect();
            b.send("PROXY TCP4 203.0.113.8 127.0.0.1 40002 80\r\n");
            server.join(b, 'J', "g");
            b.send(frame('T', "hello"));
            a.expect(frame('T', "hello"));
            var missing = server.connect();
            missing.send(frame('J', TestContext.PREFIX + "g"));
            missing.awaitClosed();
            server.plain.awaitOnce(Reason.PROXY_HEADER_MISSING);
        }
    }

    @Test
    void aPeerThatSpeaksTlsToAPlainEndpointIsCountedAsThat() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var a = server.connect();
            a.send(new byte[] {22, 3, 1, 0, 5, 1, 2, 3});
            a.awaitClosed();
            server.plain.awaitOnce(Reason.UNEXPECTED_TLS);
        }
    }

    @Test
    void whereACodecWaitsForTheRestOfATlsHandshakeTheCauseIsNamedAllTheSame() throws IOException {
        var settings = Map.<String, Object>of("first-message-timeout", Duration.ofMillis(200));
        try (var plain = new TestServer(settings)) {
            var endpoint = new ListeningTransport(_ -> _ -> {}).open(plain.context.with("name", "patient"));
            endpoint.start();
            try (var client =
                    new TestClient((InetSocketAddress) endpoint.localAddresses().getFirst(), 0)) {
                client.send(new byte[] {22, 3, 1, 0, 5, 1, 2, 3});
                client.awaitClosed();
                plain.awaitOnce(Reason.UNEXPECTED_TLS);
                assertThat(plain.count(Reason.FIRST_MESSAGE_TIMEOUT)).isZero();
            } finally {
                endpoint.stop(Duration.ZERO);
            }
        }
    }

    @Test
    void placesAndTimesBeforeTheJoinAreLimited() throws IOException {
        var settings = Map.<String, Object>of("first-message-timeout", Duration.ofMillis(200), "max-group-members", 1);
        try (var server = new CodecServer(settings)) {
            var silent = server.connect();
            silent.expect(frame('-', "first-message-timeout"));
            silent.awaitEnd();
            server.join("g");
            var second = server.connect();
            second.send(frame('J', TestContext.PREFIX + "g"));
            second.expect(frame('-', "too-many-members"));
            second.awaitEnd();
        }
    }

    @Test
    void aMessageThatStaysIncompleteEndsItsSender() throws IOException {
        try (var server =
                new CodecServer(Map.of("message-timeout", Duration.ofMillis(200)), Framing.LINE, FlowLimits.DEFAULT)) {
            var a = server.join("g");
            var b = server.join("g");
            a.send("T5:hel");
            a.expect(frame('-', "message-incomplete"));
            a.awaitEnd();
            server.plain.awaitOnce(Reason.MESSAGE_INCOMPLETE);
            b.close();
            server.awaitReleased();
        }
    }

    @Test
    void aCodecThatKeepsAMessageForTooLongLosesItsMember() throws IOException {
        try (var server =
                new CodecServer(Map.of("message-timeout", Duration.ofMillis(200)), Framing.LINE, FlowLimits.DEFAULT)) {
            server.record.onJoined = conversation -> conversation.memory().acquire(1_000);
            var a = server.join("g");
            a.expect(frame('-', "message-incomplete"));
            a.awaitEnd();
            server.plain.awaitOnce(Reason.MESSAGE_INCOMPLETE);
        }
    }

    @Test
    void aCodecsMemberIsReadNoFasterThanItsRate() throws IOException {
        try (var server = new CodecServer(Map.of("member-rate", 200_000L))) {
            var a = server.join("g");
            var b = server.join("g");
            var message = frame('B', "z".repeat(9_993));
            long begin = System.nanoTime();
            a.sendLater(message.repeat(20).getBytes(StandardCharsets.US_ASCII));
            b.expect(message.repeat(20));
            assertThat(System.nanoTime() - begin).isBetween(600_000_000L, 2_000_000_000L);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void membersOfDatagramsHearCodecsAndTheReverse(boolean isFramed) throws IOException {
        var framing = isFramed ? Framing.LINE : Framing.RAW;
        try (var server = new CodecServer(Map.of(), framing, FlowLimits.DEFAULT);
                var owner = new TestOwner().started("datagrams")) {
            var a = server.join("g");
            var b = server.join("g");
            var plain = server.plain.join("g");
            var datagrams = new DatagramMember("d", owner, 1_000);
            owner.run(() -> datagrams.join(server.context.groups(), "g"));
            a.send(frame('T', "to all") + frame('B', "and more"));
            TestServer.await("two messages", () -> {
                var got = new int[1];
                owner.run(() -> got[0] = datagrams.messages.size());
                return got[0] == 2;
            });
            plain.expect(isFramed ? "to all\nand more\n" : "to alland more");
            b.expect(frame('T', "to all") + frame('B', "and more"));
            owner.run(() -> datagrams.publish(
                    "ping".getBytes(StandardCharsets.US_ASCII), "pong".getBytes(StandardCharsets.US_ASCII)));
            b.expect(frame('N', "ping") + frame('N', "pong"));
            plain.expect(isFramed ? "ping\npong\n" : "pingpong");
            owner.run(() -> datagrams.membership.leave(Reason.LEFT));
        }
    }

    @Test
    void theKindTravelsToOtherOwnersAndBack() throws IOException {
        try (var server = new CodecServer(Map.of(), Framing.LINE, FlowLimits.DEFAULT);
                var owner = new TestOwner().started("others")) {
            var a = server.join("g");
            var kinds = new ArrayList<MessageKind>();
            var elsewhere = new DatagramMember("d", owner, 1_000) {
                @Override
                public void deliver(Batch batch) {
                    for (int i = 0; i < batch.count(); i++) {
                        kinds.add(batch.kind(i));
                    }
                }
            };
            owner.run(() -> elsewhere.join(server.context.groups(), "g"));
            a.send(frame('T', "text") + frame('B', "bytes"));
            TestServer.await("two kinds", () -> {
                var got = new int[1];
                owner.run(() -> got[0] = kinds.size());
                return got[0] == 2;
            });
            assertThat(kinds).containsExactly(MessageKind.TEXT, MessageKind.BINARY);
            owner.run(() -> {
                var bytes = ByteBuffer.allocateDirect(4).put(0, new byte[] {'b', 'a', 'c', 'k'});
                elsewhere.membership.publish(
                        new Batch(Block.borrowed(bytes), Batch.Form.MESSAGES).add(0, 4, MessageKind.TEXT));
            });
            a.expect(frame('T', "back"));
            owner.run(() -> elsewhere.membership.leave(Reason.LEFT));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pace", "drop", "disconnect"})
    void aSlowMemberIsTreatedByTheGroupsPolicy(String policy) throws IOException {
        var limits = new FlowLimits(256 * KIB, 64 * KIB, 16 * KIB, Duration.ofMillis(500));
        var settings = Map.<String, Object>of("slow-member", policy);
        try (var server = new CodecServer(settings, Framing.LINE, limits)) {
            var slow = server.joinSlow("g");
            var fast = server.join("g");
            var sender = server.join("g");
            var message = frame('B', "m".repeat(99_993));
            int messages = 200;
            for (int i = 0; i < messages; i++) {
                sender.sendLater(message.getBytes(StandardCharsets.US_ASCII));
                fast.expect(message); // whoever reads loses nothing
            }
            switch (policy) {
                case "pace" -> server.plain.awaitOnce(Reason.STALLED);
                case "disconnect" -> server.plain.awaitOnce(Reason.TOO_SLOW);
                default -> {
                    assertThat(server.plain.count(Reason.MEMBER_FULL)).isGreaterThan(50);
                    // Whole messages are left out, so what comes is still made of messages.
                    slow.expect((message + "~").repeat(3));
                }
            }
            slow.close();
            fast.close();
            sender.close();
            server.awaitReleased();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 65_536})
    void everybodySendsAtOnceAndEachGetsAllOfTheOthersInOrder(int readSize) throws Exception {
        long seed = System.nanoTime();
        System.out.println("CodecMembersTest seed " + seed);
        var random = new Random(seed);
        var settings = new HashMap<String, Object>(Map.of("max-read-in-size", (long) readSize));
        try (var server = new CodecServer(settings, Framing.LINE, FlowLimits.DEFAULT)) {
            int members = 6;
            int messages = readSize == 1 ? 20 : 300;
            var clients = new ArrayList<TestClient>();
            var texts = new ArrayList<List<String>>();
            for (int i = 0; i < members; i++) {
                clients.add(
                        i < 3
                                ? server.join("g")
                                : i < 4 ? server.join(server.connect(), 'K', "g") : server.plain.join("g"));
                var own = new ArrayList<String>();
                for (int k = 0; k < messages; k++) {
                    int length = random.nextInt(10) == 0 && readSize > 1 ? random.nextInt(60_000) : random.nextInt(30);
                    own.add(i + " " + k + " " + "p".repeat(length));
                }
                texts.add(own);
            }
            for (int i = 0; i < members; i++) {
                boolean isCoded = i < 4;
                var all = new StringBuilder();
                texts.get(i).forEach(text -> all.append(isCoded ? frame('T', text) : text + "\n"));
                clients.get(i).sendLater(all.toString().getBytes(StandardCharsets.US_ASCII));
            }
            var received = new ArrayList<CompletableFuture<List<List<String>>>>();
            for (int i = 0; i < members; i++) {
                int me = i;
                received.add(TestClient.later(
                        () -> readAll(clients.get(me), me < 4, me == 3, members, (members - 1) * messages)));
            }
            for (int i = 0; i < members; i++) {
                var got = received.get(i).join();
                for (int from = 0; from < members; from++) {
                    assertThat(got.get(from)).isEqualTo(from == i ? List.of() : texts.get(from));
                }
            }
            clients.forEach(CodecMembersTest::close);
            server.awaitReleased();
        }
    }

    private static void close(TestClient client) {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<List<String>> readAll(
            TestClient client, boolean isCoded, boolean isTagged, int members, int messages) throws IOException {
        var bySender = new ArrayList<List<String>>();
        for (int i = 0; i < members; i++) {
            bySender.add(new ArrayList<>());
        }
        var in = new BufferedInputStream(client.socket.getInputStream());
        for (int i = 0; i < messages; i++) {
            String text;
            if (isCoded) {
                assertThat((char) in.read()).isIn('T', 'N');
                int length = Integer.parseInt(until(in, ':'));
                text = new String(in.readNBytes(length), StandardCharsets.US_ASCII);
                assertThat((char) in.read()).isEqualTo(',');
                if (isTagged) {
                    assertThat((char) in.read()).isEqualTo('~');
                }
            } else {
                text = until(in, '\n');
            }
            bySender.get(text.charAt(0) - '0').add(text);
        }
        return bySender;
    }

    private static String until(InputStream in, char end) throws IOException {
        var text = new StringBuilder();
        for (int each = in.read(); each != end; each = in.read()) {
            assertThat(each).isNotNegative();
            text.append((char) each);
        }
        return text.toString();
    }

    @Test
    void aGroupOfThousandMembersIsServedInParts() throws IOException {
        try (var server = new CodecServer(Map.of())) {
            var receivers = new ArrayList<TestClient>();
            for (int i = 0; i < 600; i++) {
                receivers.add(i % 3 == 0 ? server.plain.join("g") : server.join("g"));
            }
            var sender = server.join("g");
            sender.send(frame('T', "one") + frame('B', "two"));
            for (int i = 0; i < receivers.size(); i++) {
                receivers.get(i).expect(i % 3 == 0 ? "onetwo" : frame('T', "one") + frame('B', "two"));
            }
            server.plain.awaitAtLeast(Counter.MEMBERS, 601);
            assertThat(server.plain.context.heldQueueBytes()).isLessThan(64 * KIB);
        }
    }
}
