package dev.socketforwarder.runtime.groups;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.DatagramMember;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests framed groups: whole messages or nothing, however reads divide them; slow members; the bound on queued bytes.
 */
class FramedGroupTest {
    private static final FlowLimits WIDE = new FlowLimits(1 << 28, 1 << 27, 1, Duration.ofSeconds(5));

    private final Counters counters = new Counters();
    private final QueueMemory memory = new QueueMemory(Long.MAX_VALUE / 2, _ -> {});
    private final TestOwner owner = new TestOwner();
    private final TestOwner other = new TestOwner();
    private final List<GroupRegistry> registries = new ArrayList<>();
    private long nowNs;

    @AfterEach
    void close() {
        registries.forEach(GroupRegistry::close);
    }

    private GroupRegistry groups(GroupRules rules) {
        return groups(rules, Long.MAX_VALUE / 2);
    }

    private GroupRegistry groups(GroupRules rules, long maxQueued) {
        var groups = new GroupRegistry(rules, maxQueued, memory, counters, () -> nowNs);
        registries.add(groups);
        return groups;
    }

    private static GroupRules lines(SlowMember slow, FlowLimits flow, String notice) {
        return new GroupRules(Framing.LINE, 1 << 20, Duration.ofSeconds(30), slow, flow, notice);
    }

    @Test
    void aDatagramBecomesOneMessageAndWhatDoesNotFitIsLeftOutAndCounted() {
        var groups = groups(new GroupRules(Framing.LINE, 10, Duration.ofSeconds(30), SlowMember.PACE, WIDE, ""));
        var stream = new TestMember("tcp", owner).join(groups, "g");
        var sender = new DatagramMember("udp", other, 65_507).join(groups, "g");
        var second = (DatagramMember) new DatagramMember("udp2", other, 65_507).join(groups, "g");

        sender.publish("one", "", "with\nfeed", "0123456789", "0123456789A");
        owner.turn();

        assertThat(stream.takenText()).isEqualTo("one\n\n0123456789\n");
        assertThat(counters.get(Reason.UNFRAMEABLE)).isEqualTo(2);
        assertThat(second.messages).hasSize(5); // bare messages stay bare
    }

    @Test
    void messagesTooLongForADatagramAreLeftOutForItAlone() {
        var groups = groups(GroupRules.of(Framing.LINE, WIDE));
        var sender = new TestMember("a", owner).join(groups, "g");
        var stream = new TestMember("b", owner).join(groups, "g");
        var datagrams = (DatagramMember) new DatagramMember("udp", other, 5).join(groups, "g");

        receive(sender, "12345\n123456\n\nx\n");
        owner.turn();
        other.turn();

        assertThat(stream.takenText()).isEqualTo("12345\n123456\n\nx\n");
        assertThat(datagrams.messages.stream().map(String::new)).containsExactly("12345", "", "x");
        assertThat(counters.get(Reason.UNFRAMEABLE)).isEqualTo(1);
    }

    @Test
    void rawBytesGoToDatagramsInPieces() {
        var groups = groups(GroupRules.raw(WIDE));
        var sender = new TestMember("a", owner).join(groups, "g");
        var datagrams = (DatagramMember) new DatagramMember("udp", other, 65_507).join(groups, "g");

        owner.receive(sender, new byte[150_000], 0, 150_000);
        other.turn();

        assertThat(datagrams.messages.stream().map(message -> message.length)).containsExactly(65_507, 65_507, 18_986);
    }

    private boolean receive(TestMember sender, String text) {
        return owner.receive(sender, text.getBytes(ISO_8859_1), 0, text.length());
    }

    @ParameterizedTest
    @MethodSource("largeMessages")
    void aLargeMessageIsAssembledAndOneTooLargeIsTold(int length, boolean fits) {
        var groups = groups(GroupRules.of(Framing.lengthPrefixed(4, ByteOrder.BIG_ENDIAN), WIDE));
        var sender = new TestMember("a", owner).join(groups, "g");
        var receiver = new TestMember("b", owner).join(groups, "g");
        var bare = new byte[Math.min(length, 2 << 20)];
        new Random(length).nextBytes(bare);
        var bytes =
                ByteBuffer.allocate(4 + bare.length).putInt(length).put(bare).array();

        boolean accepted = true;
        for (int at = 0; at < bytes.length && accepted; at += 60_000) {
            accepted = owner.receive(sender, bytes, at, Math.min(60_000, bytes.length - at));
            owner.turn();
        }

        assertThat(accepted).isEqualTo(fits);
        assertThat(receiver.taken.toByteArray()).isEqualTo(fits ? bytes : new byte[0]);
        sender.membership.leave(Reason.PEER_CLOSED);
        receiver.membership.leave(Reason.PEER_CLOSED);
        assertThat(groups.heldBytes()).isZero();
    }

    static Stream<Arguments> largeMessages() {
        return Stream.of(
                Arguments.of(64 << 10, true),
                Arguments.of(65_537, true),
                Arguments.of(300_000, true),
                Arguments.of(1 << 20, true),
                Arguments.of((1 << 20) + 1, false),
                Arguments.of(1 << 30, false));
    }

    @Test
    void aLineTooLongIsToldBeforeItEnds() {
        var groups = groups(new GroupRules(Framing.LINE, 10, Duration.ofSeconds(30), SlowMember.PACE, WIDE, ""));
        var sender = new TestMember("a", owner).join(groups, "g");
        var receiver = new TestMember("b", owner).join(groups, "g");

        assertThat(receive(sender, "0123456789\nok\n01234")).isTrue();
        assertThat(receive(sender, "56789")).isTrue();
        assertThat(receive(sender, "A")).isFalse();
        owner.turn();

        assertThat(receiver.takenText()).isEqualTo("0123456789\nok\n");
    }

    @Test
    void anUnfinishedMessageOfOneThatLeavesIsCounted() {
        var groups = groups(GroupRules.of(Framing.LINE, WIDE));
        var sender = new TestMember("a", owner).join(groups, "g");
        var receiver = new TestMember("b", owner).join(groups, "g");

        receive(sender, "whole\nhal");
        assertThat(groups.heldBytes()).isPositive();
        sender.membership.leave(Reason.PEER_CLOSED);
        owner.turn();

        assertThat(receiver.takenText()).isEqualTo("whole\n");
        assertThat(counters.get(Reason.MESSAGE_INCOMPLETE)).isEqualTo(1);
        assertThat(groups.heldBytes()).isZero();
    }

    static Stream<Arguments> givenUp() {
        return Stream.of(
                Arguments.of(Framing.LINE, "hal", "f, and long\nnext\n", "next\n"),
                Arguments.of(Framing.delimiter("aab".getBytes(ISO_8859_1)), "xa", "abnextaab", "nextaab"),
                Arguments.of(Framing.delimiter("aab".getBytes(ISO_8859_1)), "x", "aaabnextaab", "nextaab"),
                Arguments.of(Framing.lengthPrefixed(2, ByteOrder.BIG_ENDIAN), "\0\5a", "bcde\0\1n", "\0\1n"));
    }

    @ParameterizedTest
    @MethodSource("givenUp")
    void anUnfinishedMessageThatTakesTooLongIsSkippedToItsEnd(Framing framing, String begun, String rest, String kept)
            throws Exception {
        var groups = groups(new GroupRules(framing, 1 << 20, Duration.ofMillis(100), SlowMember.PACE, WIDE, ""));
        var sender = new TestMember("a", owner).join(groups, "g");
        var receiver = new TestMember("b", owner).join(groups, "g");

        receive(sender, begun);
        nowNs += Duration.ofMillis(200).toNanos();
        await(() -> counters.get(Reason.MESSAGE_INCOMPLETE) == 1);
        for (var each : rest.split("")) {
            receive(sender, each);
        }
        owner.turn();

        assertThat(receiver.takenText()).isEqualTo(kept);
    }

    private void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(1); // between two looks at the condition
            owner.turn();
            other.turn();
        }
    }

    @Test
    void groupsOfOneNameAndDifferentFramingsAreApartWhoeverComesFirst() {
        var groups = groups(GroupRules.of(Framing.LINE, WIDE));
        var id = GroupId.of("g");
        var stranger = new TestMember("stranger", owner);
        assertThat(groups.join("t", id, GroupRules.raw(WIDE), stranger, owner)).isInstanceOf(Groups.Joined.class);
        var one = new TestMember("a", owner).join(groups, "g");
        var other = new TestMember("b", owner).join(groups, "g");

        one.publish("line\n");
        owner.turn();

        assertThat(other.takenText()).isEqualTo("line\n");
        assertThat(stranger.takenText()).isEmpty();
        assertThat(groups.size()).isEqualTo(2);
    }

    @Test
    void dropLeavesWholeMessagesOutForTheFullMemberAloneAndTellsIt() {
        var flow = new FlowLimits(100, 50, 1, Duration.ofSeconds(5));
        var groups = groups(lines(SlowMember.DROP, flow, "missed {missed}"));
        var sender = new TestMember("a", owner).join(groups, "g");
        var good = new TestMember("good", owner).join(groups, "g");
        var slow = new TestMember("slow", owner).join(groups, "g");
        slow.room = 0;

        var line = "x".repeat(59) + "\n";
        for (int i = 0; i < 5; i++) {
            receive(sender, line + "y\n");
            owner.turn();
        }
        slow.room = Long.MAX_VALUE;
        slow.flush();
        owner.turn();
        receive(sender, "after\n");
        owner.turn();

        assertThat(good.takenText()).isEqualTo((line + "y\n").repeat(5) + "after\n");
        assertThat(slow.takenText()).isEqualTo((line + "y\n").repeat(2) + "missed 6\nafter\n");
        assertThat(counters.get(Reason.MEMBER_FULL)).isEqualTo(6);
        assertThat(sender.pauses).isZero();
    }

    @Test
    void disconnectClosesAtTheMark() {
        var flow = new FlowLimits(100, 50, 1, Duration.ofSeconds(5));
        var groups = groups(lines(SlowMember.DISCONNECT, flow, ""));
        var sender = new TestMember("a", owner).join(groups, "g");
        var good = new TestMember("good", owner).join(groups, "g");
        var slow = new TestMember("slow", owner).join(groups, "g");
        slow.room = 0;

        receive(sender, "x".repeat(99) + "\n");
        owner.turn();
        assertThat(slow.closedFor).isNull();
        receive(sender, "y\n");
        owner.turn();
        owner.turn();

        assertThat(slow.closedFor).isEqualTo(Reason.TOO_SLOW);
        assertThat(good.takenText()).hasSize(102);
        assertThat(sender.pauses).isZero();
    }

    @Test
    void aThousandThatReadNothingCostOneCopy() {
        var groups = groups(GroupRules.raw(WIDE));
        var sender = new TestMember("a", owner).join(groups, "g");
        for (int i = 0; i < 1_000; i++) {
            new TestMember("m" + i, owner).join(groups, "g").room = 0;
        }

        for (int i = 0; i < 64; i++) {
            owner.receive(sender, new byte[64 << 10], 0, 64 << 10);
            owner.turn();
        }

        assertThat(groups.heldBytes()).isBetween(4L << 20, 6L << 20);
    }

    @Test
    void atTheBoundThoseOfTheLargestGroupThatNeedItsOldestGo() throws Exception {
        long max = 4 << 20;
        var groups = groups(GroupRules.raw(WIDE), max);
        var small = new TestMember("small", other).join(groups, "small");
        var smallSender = new TestMember("s", other).join(groups, "small");
        small.room = 0;
        other.receive(smallSender, new byte[100_000], 0, 100_000);
        other.turn();
        var sender = new TestMember("a", owner).join(groups, "large");
        var oldest = new TestMember("oldest", owner).join(groups, "large");
        oldest.room = 0;
        long most = 0;
        for (int i = 0; i < 24; i++) {
            owner.receive(sender, new byte[64 << 10], 0, 64 << 10);
            owner.turn();
        }
        var younger = new TestMember("younger", owner).join(groups, "large");
        younger.room = 0;
        for (int i = 0; i < 200 && oldest.closedFor == null; i++) {
            owner.receive(sender, new byte[64 << 10], 0, 64 << 10);
            owner.turn();
            most = Math.max(most, groups.heldBytes());
        }
        await(() -> oldest.closedFor != null);

        assertThat(oldest.closedFor).isEqualTo(Reason.OUT_OF_QUEUE);
        assertThat(small.closedFor).isNull();
        assertThat(sender.closedFor).isNull();
        assertThat(most).isLessThanOrEqualTo(max);
        await(() -> groups.heldBytes() < max * 9 / 10 || younger.closedFor != null);
    }

    @Test
    void unfinishedMessagesCountAndTheirSendersGo() throws Exception {
        long max = 1 << 20;
        var groups = groups(GroupRules.of(Framing.LINE, WIDE), max);
        var senders = new ArrayList<TestMember>();
        for (int i = 0; i < 40; i++) {
            var sender = new TestMember("m" + i, owner).join(groups, "g");
            senders.add(sender);
            owner.receive(sender, new byte[60_000], 0, 60_000);
            owner.turn();
        }
        await(() -> senders.getFirst().closedFor != null);

        assertThat(senders.getFirst().closedFor).isEqualTo(Reason.OUT_OF_QUEUE);
        assertThat(senders.stream().filter(sender -> sender.closedFor == null)).isNotEmpty();
    }

    @Test
    void theSenderOfAMessageThatFindsNoRoomIsRefused() {
        long max = 1 << 20;
        var groups =
                groups(new GroupRules(Framing.LINE, 4 << 20, Duration.ofSeconds(30), SlowMember.PACE, WIDE, ""), max);
        var sender = new TestMember("a", owner).join(groups, "g");
        var other = new TestMember("b", owner).join(groups, "g");

        int taken = 0;
        while (owner.receive(sender, new byte[60_000], 0, 60_000)) {
            taken++;
            assertThat(taken).isLessThan(20);
            owner.flush();
        }

        assertThat(owner.refusal()).isEqualTo(Reason.OUT_OF_QUEUE);
        assertThat(groups.heldBytes()).isPositive().isLessThanOrEqualTo(max);
        sender.close(Reason.OUT_OF_QUEUE);
        assertThat(groups.heldBytes()).isZero();
        receive(other, "hello\n");
        assertThat(other.closedFor).isNull();
    }

    @Test
    void whatIsStillFlushedToThoseThatHaveLeftGoesFirst() throws Exception {
        long max = 1 << 20;
        var groups = groups(GroupRules.raw(WIDE), max);
        var sender = new TestMember("a", owner).join(groups, "g");
        var left = new TestMember("left", owner).join(groups, "g");
        left.room = 0;
        owner.receive(sender, new byte[200_000], 0, 200_000);
        owner.turn();
        left.membership.leave(Reason.PEER_CLOSED);
        var member = new TestMember("b", owner).join(groups, "g");
        member.room = 0;

        for (int i = 0; i < 4; i++) {
            owner.receive(sender, new byte[200_000], 0, 200_000);
            owner.turn();
        }
        await(() -> left.closedFor != null);

        assertThat(left.closedFor).isEqualTo(Reason.OUT_OF_QUEUE);
    }

    @Test
    void nothingIsAllocatedForEachMessage() {
        var groups = groups(GroupRules.of(Framing.LINE, WIDE));
        var sender = new TestMember("a", owner).join(groups, "g");
        var lines = "0123456789\n".repeat(5_000).getBytes(ISO_8859_1);
        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long allocated = 0;
        int messages = 0;
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int at = 0; at < lines.length; at += 13) { // each read cuts a line
                owner.receive(sender, lines, at, Math.min(13, lines.length - at));
            }
            owner.flush();
            if (round >= 10) { // the first rounds fill the pools
                allocated += threads.getCurrentThreadAllocatedBytes() - before;
                messages += 5_000;
            }
        }

        assertThat((double) allocated / messages).as("bytes for each message").isLessThan(1);
    }
}
