package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import dev.socketforwarder.runtime.testing.TestPeerMember;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests groups whose owners' turns are taken by the test, so that everything happens on its thread in the order it
 * says.
 */
@Timeout(30)
class GroupTest {
    private static final FlowLimits LIMITS = new FlowLimits(1_000, 400, 100, Duration.ofMillis(20));

    private final QueueMemory memory = new QueueMemory(Long.MAX_VALUE / 2, _ -> {});
    private final Counters counters = new Counters();
    private volatile long nowNs;
    private final GroupRegistry groups = new GroupRegistry(LIMITS, memory, counters, () -> nowNs);
    private final TestOwner owner = new TestOwner();
    private final TestOwner other = new TestOwner();

    @AfterEach
    void close() {
        groups.close();
    }

    private TestMember member(String name) {
        return new TestMember(name, owner).join(groups, "g");
    }

    private TestMember remote(String name) {
        return new TestMember(name, other).join(groups, "g");
    }

    /** Take turns of both owners until neither has left the other a task. */
    private void settle() {
        for (int i = 0; i < 5; i++) {
            owner.turn();
            other.turn();
        }
    }

    private void await(BooleanSupplier condition) {
        long endNs = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(endNs);
            LockSupport.parkNanos(1_000_000);
            settle();
        }
    }

    private static String bytes(int n) {
        return "x".repeat(n);
    }

    /** Fill a member: its peer takes nothing, and another member sends it more than the mark. */
    private void fill(TestMember member, TestMember by) {
        member.room = 0;
        by.publish(bytes(1_001));
        settle();
    }

    private void take(TestMember member, long bytes) {
        member.room = bytes;
        member.flush();
        settle();
    }

    // --- delivery

    @Test
    void allOthersGetItAndNotTheSender() {
        var a = member("a");
        var b = member("b");
        var c = remote("c");
        var stranger = new TestMember("d", owner).join(groups, "another");

        a.publish("one", "", "two");
        settle();

        assertThat(a.takenText()).isEmpty();
        assertThat(b.takenText()).isEqualTo("onetwo");
        assertThat(c.takenText()).isEqualTo("onetwo");
        assertThat(stranger.takenText()).isEmpty();
    }

    @Test
    void aPublisherIsHeardAndHearsNothing() {
        var a = member("a");
        var c = remote("c");
        var publisher = groups.publisher(GroupId.of("g"), owner);

        publisher.publish(owner.batch("news".getBytes()));
        a.publish("!");
        settle();

        assertThat(a.takenText()).isEqualTo("news");
        assertThat(c.takenText()).isEqualTo("news!");
        publisher.leave(Reason.PEER_CLOSED);
        publisher.leave(Reason.PEER_CLOSED);
    }

    @Test
    void whoHasLeftHearsAndSaysNothing() {
        var a = member("a");
        var b = member("b");
        var c = remote("c");
        b.membership.leave(Reason.PEER_CLOSED);
        b.membership.leave(Reason.PEER_CLOSED);

        a.publish("1");
        b.publish("2");
        settle();

        assertThat(b.takenText()).isEmpty();
        assertThat(c.takenText()).isEqualTo("1");
    }

    @Test
    void aBatchThatIsUnderWayWhenItsLastReceiverLeavesIsLetGo() {
        var a = member("a");
        var c = remote("c");
        a.publish("1");
        c.membership.leave(Reason.PEER_CLOSED);
        settle();
        a.membership.leave(Reason.PEER_CLOSED);

        assertThat(c.takenText()).isEmpty();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void groupsDisappearWithTheirLastMember() {
        var a = member("a");
        var b = remote("b");
        var publisher = groups.publisher(GroupId.of("p"), owner);
        assertThat(groups.size()).isEqualTo(2);
        a.membership.leave(Reason.PEER_CLOSED);
        assertThat(groups.size()).isEqualTo(2);
        b.membership.leave(Reason.PEER_CLOSED);
        b.membership.leave(Reason.PEER_CLOSED);
        assertThat(groups.size()).isEqualTo(1);
        publisher.leave(Reason.PEER_CLOSED);
        assertThat(groups.size()).isZero();
        settle();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void whoJoinsAgainIsANewMember() {
        var a = member("a");
        var b = remote("b");
        b.membership.leave(Reason.PEER_CLOSED);
        b.join(groups, "g");
        a.publish("1");
        settle();
        assertThat(b.takenText()).isEqualTo("1");
    }

    // --- failing members

    @Test
    void aMemberThatThrowsIsClosedAndCostsNobodyElse() {
        var a = member("a");
        var b = member("b");
        var bad = new TestMember("bad", owner) {
            @Override
            public void deliver(Batch batch) {
                throw new IllegalStateException("on purpose");
            }
        };
        bad.join(groups, "g");
        var c = member("c");

        a.publish("1");
        settle();
        a.publish("2");
        settle();

        assertThat(bad.closedFor).isEqualTo(Reason.INTERNAL_ERROR);
        assertThat(b.takenText()).isEqualTo("12");
        assertThat(c.takenText()).isEqualTo("12");
    }

    @Test
    void oneThatThrowsEvenWhenItIsClosedCostsNobodyElse() {
        var a = member("a");
        var b = member("b");
        var bad = new TestMember("bad", owner) {
            @Override
            public void deliver(Batch batch) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void close(Reason reason) {
                throw new IllegalStateException("on purpose, again");
            }
        };
        bad.join(groups, "g");

        a.publish("1");
        settle();
        a.publish("2");
        settle();

        assertThat(b.takenText()).isEqualTo("12");
        a.membership.leave(Reason.PEER_CLOSED);
        b.membership.leave(Reason.PEER_CLOSED);
        assertThat(groups.size()).isZero();
    }

    @Test
    void oneThatThrowsWhenItIsPausedIsClosedAndTheOthersArePaused() {
        var slow = member("slow");
        var a = member("a");
        var bad = new TestMember("bad", owner) {
            @Override
            public void pause() {
                throw new IllegalStateException("on purpose");
            }
        };
        bad.join(groups, "g");
        var b = member("b");

        fill(slow, a);

        assertThat(bad.closedFor).isEqualTo(Reason.INTERNAL_ERROR);
        assertThat(List.of(a.paused, b.paused)).containsExactly(true, true);
        take(slow, Long.MAX_VALUE);
        assertThat(List.of(a.paused, b.paused)).containsExactly(false, false);
    }

    // --- pacing

    @Test
    void allButTheFullOneWaitUntilItHasRoom() {
        var a = member("a");
        var slow = member("slow");
        var c = remote("c");

        fill(slow, a);
        assertThat(List.of(a.paused, slow.paused, c.paused)).containsExactly(true, false, true);
        take(slow, 601);
        assertThat(List.of(a.paused, slow.paused, c.paused))
                .as("at the low mark")
                .containsExactly(true, false, true);
        take(slow, 1);
        assertThat(List.of(a.paused, slow.paused, c.paused)).containsExactly(false, false, false);
    }

    @Test
    void twoFullOnesWaitForEachOther() {
        var a = member("a");
        var one = member("one");
        var two = remote("two");
        two.room = 0;
        fill(one, a);
        assertThat(List.of(a.paused, one.paused, two.paused)).containsExactly(true, true, true);

        take(two, Long.MAX_VALUE);
        assertThat(List.of(a.paused, one.paused, two.paused)).containsExactly(true, false, true);
        take(one, Long.MAX_VALUE);
        assertThat(List.of(a.paused, one.paused, two.paused)).containsExactly(false, false, false);
    }

    @Test
    void aFullOneThatLeavesLetsTheOthersGoOn() {
        var a = member("a");
        var slow = remote("slow");
        fill(slow, a);
        assertThat(a.paused).isTrue();

        slow.membership.leave(Reason.PEER_CLOSED);
        settle();

        assertThat(a.paused).isFalse();
        slow.membership.queue().clear();
        settle();
        a.membership.leave(Reason.PEER_CLOSED);
        settle();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void oneThatBecomesFullAfterItLeftStopsNobody() {
        var a = member("a");
        var slow = member("slow");
        slow.room = 0;
        a.publish(bytes(1_001));
        slow.membership.leave(Reason.PEER_CLOSED);
        settle();

        assertThat(slow.membership.queue().isFull()).isTrue();
        assertThat(a.paused).isFalse();
    }

    @Test
    void whoJoinsWhileSomebodyIsFullWaitsToo() {
        var a = member("a");
        var slow = member("slow");
        fill(slow, a);

        var b = member("b");
        var c = remote("c");

        assertThat(List.of(b.paused, c.paused)).containsExactly(true, true);
        take(slow, Long.MAX_VALUE);
        assertThat(List.of(b.paused, c.paused)).containsExactly(false, false);
    }

    @Test
    void sendersGoOnInTurnFromTheOneAfterTheLast() {
        var order = new ArrayList<String>();
        var slow = member("slow");
        var senders = List.of(member("0"), member("1"), member("2"), member("3"));
        senders.forEach(sender -> sender.resumed = order);

        senders.get(1).publish("a");
        settle();
        fill(slow, senders.get(2));
        take(slow, Long.MAX_VALUE);
        assertThat(order).containsExactly("3", "0", "1", "2");

        order.clear();
        fill(slow, senders.get(0));
        take(slow, Long.MAX_VALUE);
        assertThat(order).containsExactly("1", "2", "3", "0");
    }

    @Test
    void theTurnSurvivesThatTheLastSenderHasLeft() {
        var order = new ArrayList<String>();
        var slow = member("slow");
        var senders = new ArrayList<TestMember>();
        for (int i = 0; i < 4; i++) {
            senders.add(member("" + i));
        }
        senders.forEach(sender -> sender.resumed = order);
        fill(slow, senders.get(3));
        senders.get(3).membership.leave(Reason.PEER_CLOSED);
        senders.get(2).membership.leave(Reason.PEER_CLOSED);
        take(slow, Long.MAX_VALUE);

        assertThat(order).containsExactlyInAnyOrder("0", "1");
    }

    // --- senders that cannot be paused

    @Test
    void messagesOfOneThatCannotWaitAreLeftOutForTheFullOnesAlone() {
        var udp = new TestMember("udp", owner);
        udp.pausable = false;
        udp.join(groups, "g");
        var slow = member("slow");
        var c = member("c");
        fill(slow, udp);

        udp.publish("one", "two");
        settle();

        assertThat(udp.paused).as("being told is harmless").isTrue();
        assertThat(c.takenText()).endsWith("onetwo");
        assertThat(counters.get(Reason.MEMBER_FULL)).isEqualTo(2);
        slow.room = Long.MAX_VALUE;
        take(slow, Long.MAX_VALUE);
        assertThat(slow.takenText()).isEqualTo(bytes(1_001));
        udp.publish("three");
        settle();
        assertThat(slow.takenText()).endsWith("xthree");
    }

    @Test
    void anOwnerThatComesLateMissesNothingOfWhatAReceiveBufferHolds() {
        var publisher = groups.publisher(GroupId.of("g"), owner);
        var c = remote("c");
        long large = 64 << 10;
        publish(publisher, 200, large);

        // The last message that finds room may exceed it.
        long most = Inbox.RECEIVE_BUFFER / large + 1;
        assertThat(counters.get(Reason.OWNER_FULL)).isEqualTo(200 - most);
        settle();
        assertThat(c.taken.size()).isEqualTo(most * large);
        publish(publisher, 1, 300);
        settle();
        assertThat(c.taken.size()).isEqualTo(most * large + 300);
    }

    @Test
    void soManySmallMessagesAreBoundedByTheirNumber() {
        var publisher = groups.publisher(GroupId.of("g"), owner);
        var c = remote("c");
        publish(publisher, Inbox.MOST_BATCHES + 10, 1);

        assertThat(counters.get(Reason.OWNER_FULL)).isEqualTo(10);
        for (int turns = 0; turns < 20; turns++) {
            settle();
        }
        assertThat(c.taken.size()).isEqualTo(Inbox.MOST_BATCHES);
    }

    @Test
    void noInboxTakesALargePartOfTheMemoryOfAll() {
        long all = 1 << 20;
        try (var small = new GroupRegistry(GroupRules.raw(LIMITS), all, memory, counters, () -> nowNs)) {
            var publisher = small.publisher(GroupId.of("g"), owner);
            var c = new TestMember("c", other).join(small, "g");
            publish(publisher, 200, 8 << 10);

            assertThat(counters.get(Reason.OWNER_FULL)).isEqualTo(200 - 17);
            settle();
            assertThat(c.taken.size()).isEqualTo(17 * (8 << 10));
        }
    }

    /** Publish this many messages, one by one, while the other owner takes no turn. */
    private void publish(Membership publisher, int times, long size) {
        var message = bytes((int) size).getBytes();
        for (int i = 0; i < times; i++) {
            publisher.publish(owner.batch(message));
            owner.flush();
        }
    }

    @Test
    void sendersWaitForAnOwnerThatDoesNotKeepUp() {
        var a = member("a");
        var b = member("b");
        var c = remote("c");
        a.publish(bytes(600));
        a.publish(bytes(600));
        owner.turn();
        assertThat(List.of(a.paused, b.paused)).containsExactly(true, true);

        settle();

        assertThat(List.of(a.paused, b.paused, c.paused)).containsExactly(false, false, false);
        assertThat(c.taken.size()).isEqualTo(1_200);
    }

    @Test
    void anOwnersLastMemberThatLeavesWithAFullInboxLetsTheOthersGoOn() {
        var a = member("a");
        var c = remote("c");
        a.publish(bytes(1_001));
        owner.turn();
        assertThat(a.paused).isTrue();

        c.membership.leave(Reason.PEER_CLOSED);
        settle();

        assertThat(a.paused).isFalse();
        a.publish(bytes(1_001));
        settle();
        assertThat(a.paused).isFalse();
    }

    // --- stalled members

    @Test
    void allStalledMembersAreClosedAtOnce() {
        var a = member("a");
        var stalled = List.of(member("1"), member("2"), remote("3"));
        stalled.forEach(member -> member.room = 0);
        var slow = member("slow");
        fill(slow, a);
        assertThat(a.paused).isTrue();

        nowNs += Duration.ofMillis(10).toNanos();
        take(slow, 100); // its window restarts
        nowNs += Duration.ofMillis(10).toNanos();
        await(() -> stalled.stream().allMatch(member -> member.closedFor == Reason.STALLED));

        assertThat(slow.closedFor).isNull();
        assertThat(a.closedFor).isNull();
        assertThat(a.paused).as("the slow one is full still").isTrue();
        take(slow, Long.MAX_VALUE);
        assertThat(a.paused).isFalse();
    }

    @Test
    void twoThatOnlyWriteBothGo() {
        var a = member("a");
        var b = member("b");
        a.room = 0;
        fill(b, a);
        b.publish(bytes(1_001));
        settle();
        assertThat(List.of(a.paused, b.paused)).containsExactly(true, true);

        nowNs += LIMITS.stallTimeout().toNanos();
        await(() -> a.closedFor == Reason.STALLED && b.closedFor == Reason.STALLED);
        assertThat(groups.size()).isZero();
        assertThat(memory.heldBytes()).isZero();
    }

    /** A member whose peer acknowledges what is still in its kernel's send buffer. */
    private static final class MeasuredMember extends TestPeerMember {
        long acknowledged;
        int measured;
        boolean heldBack;

        MeasuredMember(String name, TestOwner owner) {
            super(name, owner);
        }

        @Override
        public void measure(Runnable then) {
            measured++;
            membership.queue().acknowledged(acknowledged);
            acknowledged = 0;
            owner.execute(then);
        }

        @Override
        public boolean isHeldBack() {
            return heldBack;
        }
    }

    @Test
    void whoAcknowledgesEnoughIsNotStalledThoughNothingCanBeWritten() {
        var a = member("a");
        var steady = new MeasuredMember("steady", owner);
        steady.join(groups, "g");
        var gone = new MeasuredMember("gone", owner);
        gone.join(groups, "g");
        gone.room = 0;
        fill(steady, a);

        for (int i = 0; i < 3; i++) {
            nowNs += LIMITS.stallTimeout().toNanos() * 9 / 10;
            steady.acknowledged = LIMITS.minDrain();
            int measured = steady.measured;
            await(() -> steady.measured > measured);
        }
        await(() -> gone.closedFor == Reason.STALLED);
        assertThat(steady.closedFor).isNull();

        nowNs += LIMITS.stallTimeout().toNanos();
        steady.acknowledged = LIMITS.minDrain() - 1;
        await(() -> steady.closedFor == Reason.STALLED);
        assertThat(a.paused).isFalse();
    }

    @Test
    void nobodyIsMeasuredWhileNobodyIsFull() {
        var a = member("a");
        var lagging = new MeasuredMember("lagging", owner);
        lagging.join(groups, "g");
        lagging.room = 0;
        a.publish(bytes(500));
        settle();
        var full = member("full");
        fill(full, a);
        await(() -> lagging.measured > 0);
        take(full, Long.MAX_VALUE);
        take(lagging, Long.MAX_VALUE);
        full.room = 0;
        a.publish(bytes(300));
        settle();
        int measured = lagging.measured;
        fill(member("another"), a); // a check after all earlier ones
        nowNs += LIMITS.stallTimeout().toNanos();
        await(() -> full.closedFor == Reason.STALLED);
        assertThat(lagging.measured).isEqualTo(measured);
    }

    @Test
    void aStalledMemberWhoseCloseThrowsSavesNoOther() {
        var a = member("a");
        var one = member("one");
        var bad = new TestMember("bad", owner) {
            @Override
            public void close(Reason reason) {
                throw new IllegalStateException("on purpose");
            }
        };
        bad.join(groups, "g");
        one.room = 0;
        fill(bad, a);
        nowNs += LIMITS.stallTimeout().toNanos();

        await(() -> one.closedFor == Reason.STALLED);
        settle();
        assertThat(a.paused).isFalse();
    }

    @Test
    void oneThatLaggedLongBeforeItWasFullIsNotKeptUntilAnothersCheck() {
        var patient = new FlowLimits(1_000, 400, 100, Duration.ofSeconds(20)); // longer than this test waits
        try (var registry = new GroupRegistry(patient, memory, counters, () -> nowNs)) {
            var a = new TestMember("a", owner).join(registry, "g");
            var lagging = new TestMember("lagging", owner).join(registry, "g");
            lagging.room = 0;
            a.publish(bytes(10));
            settle();
            nowNs += Duration.ofMillis(19_950).toNanos();
            var first = new TestMember("first", owner).join(registry, "g");
            first.room = 0;
            a.publish(bytes(985)); // not full yet
            lagging.publish(bytes(100)); // now the first member is full, and its check is due in 20 s
            settle();
            assertThat(first.membership.queue().isFull()).isTrue();
            assertThat(lagging.membership.queue().isFull()).isFalse();
            a.publish(bytes(100));
            settle();
            nowNs += Duration.ofMillis(50).toNanos();

            await(() -> lagging.closedFor == Reason.STALLED);
            assertThat(first.closedFor).isNull();
        }
    }

    @Test
    void oneThatIsFullLaterIsStalledNoLaterThanItsOwnTimeout() {
        var a = member("a");
        var first = member("first");
        fill(first, a);
        nowNs += Duration.ofMillis(15).toNanos();
        take(first, Long.MAX_VALUE);
        var second = member("second");
        fill(second, a);
        nowNs += Duration.ofMillis(19).toNanos();
        // A check that runs now finds no members.
        settle();
        assertThat(second.closedFor).isNull();
        nowNs += Duration.ofMillis(1).toNanos();
        await(() -> second.closedFor == Reason.STALLED);
    }
}
