package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import dev.socketforwarder.runtime.endpoints.EndpointGroups;
import dev.socketforwarder.runtime.rules.GroupTable;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import dev.socketforwarder.runtime.testing.TestPeerMember;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests which members go first when memory for queued bytes is short. */
class ReliefTest {
    private static final long MAX = 4 << 20;
    private static final FlowLimits WIDE = new FlowLimits(1 << 28, 1 << 27, 16 << 10, Duration.ofSeconds(5));
    private static final int PIECE = 100_000;

    private final AtomicLong nowNs = new AtomicLong();
    private final GroupRegistry groups =
            new GroupRegistry(GroupRules.raw(WIDE), MAX, 1_000, Optional.empty(), new Counters(), nowNs::get);
    private final Groups lines = new EndpointGroups(
            "t",
            groups,
            new GroupTable(
                    List.of(),
                    new GroupRules(Framing.LINE, 1 << 20, Duration.ofSeconds(30), SlowMember.PACE, WIDE, "")));
    private final TestOwner owner = new TestOwner();
    private final List<TestPeerMember> strangers = new ArrayList<>();
    private int names;

    @AfterEach
    void close() {
        groups.close();
    }

    /** {@return a member that lags by this many bytes} */
    private TestPeerMember lagging(String address, int bytes) {
        nowNs.incrementAndGet();
        var name = "g" + names++;
        var sender = new TestMember("sender", owner).join(groups, name);
        var reader = (TestPeerMember) new TestPeerMember(address, owner).join(groups, name);
        reader.room = 0;
        for (int sent = 0; sent < bytes; sent += PIECE) {
            sender.publish("x".repeat(Math.min(PIECE, bytes - sent)));
            owner.flush();
        }
        return reader;
    }

    /** {@return a member that has begun a message of this many bytes} */
    private TestPeerMember unfinished(String address, int bytes) {
        nowNs.incrementAndGet();
        var sender = (TestPeerMember) new TestPeerMember(address, owner).join(lines, "l" + names++);
        owner.receive(sender, new byte[bytes], 0, bytes);
        owner.flush();
        return sender;
    }

    private void awaitOneOfTheStrangersGoes() {
        awaitGoing(strangers);
    }

    private void awaitGoing(List<TestPeerMember> candidates) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (candidates.stream().noneMatch(each -> each.closedFor == Reason.OUT_OF_QUEUE)) {
            assertThat(System.nanoTime()).as("nobody goes").isLessThan(deadline);
            owner.turn();
            Thread.onSpinWait();
        }
    }

    @Test
    void whoSpreadsItOverManyGroupsStillHoldsMost() {
        var innocent = lagging("192.0.2.1", 500_000);
        for (int i = 0; groups.heldBytes() < MAX - 700_000; i++) {
            strangers.add(lagging("192.0.2.2", 200_000));
        }
        for (int i = 0; i < 3; i++) {
            strangers.add(lagging("192.0.2.2", 100_000));
        }
        awaitOneOfTheStrangersGoes();

        assertThat(innocent.closedFor).isNull();
    }

    @Test
    void ofOneAddressWhoCameLastGoesFirst() {
        var first = lagging("192.0.2.1", 900_000);
        while (groups.heldBytes() < MAX - 700_000) {
            strangers.add(lagging("192.0.2.1", 300_000));
        }
        strangers.add(lagging("192.0.2.1", 100_000));
        strangers.add(lagging("192.0.2.1", 100_000));
        awaitOneOfTheStrangersGoes();

        assertThat(first.closedFor).isNull();
        assertThat(strangers.getFirst().closedFor).isNull();
        assertThat(strangers.getLast().closedFor).isEqualTo(Reason.OUT_OF_QUEUE);
    }

    @Test
    void whereLessMayBeHeldThanIsHeldMembersGoUntilLittleEnoughIs() {
        var innocent = lagging("192.0.2.1", 200_000);
        for (int i = 0; i < 5; i++) {
            strangers.add(lagging("192.0.2.2", 300_000));
        }
        groups.resizeQueues(1 << 20);
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (groups.heldBytes() > (1 << 20) * 2 / 3) {
            assertThat(System.nanoTime()).as("too much is held").isLessThan(deadline);
            owner.turn();
            Thread.onSpinWait();
        }
        assertThat(groups.mostBytes()).isEqualTo(1 << 20);
        assertThat(strangers).extracting(each -> each.closedFor).contains(Reason.OUT_OF_QUEUE);
        assertThat(innocent.closedFor).isNull();

        groups.resizeQueues(MAX);
        assertThat(lagging("192.0.2.3", 2_000_000).closedFor).isNull();
    }

    @Test
    void whoReadsOnStaysThoughItsAddressHoldsMost() {
        var slow = lagging("192.0.2.1", 1_500_000);
        while (groups.heldBytes() < MAX - 700_000) {
            strangers.add(lagging("192.0.2." + (10 + names), 200_000));
        }
        pauseBeyondTheStallTimeout();
        slow.room = 64 << 10;
        slow.flush();
        strangers.add(lagging("192.0.2.9", 100_000));
        strangers.add(lagging("192.0.2.9", 100_000));
        awaitOneOfTheStrangersGoes();

        assertThat(slow.closedFor).isNull();
    }

    @Test
    void ofOneAddressWhoHasNotReadForLongestGoesFirstOfThoseWhoDoNotRead() {
        strangers.add(lagging("192.0.2.1", 900_000));
        pauseBeyondTheStallTimeout();
        var innocent = lagging("192.0.2.1", 900_000);
        while (groups.heldBytes() < MAX - 700_000) {
            strangers.add(lagging("192.0.2.1", 200_000));
        }
        strangers.add(lagging("192.0.2.1", 100_000));
        strangers.add(lagging("192.0.2.1", 100_000));
        awaitGoing(strangers.subList(0, 1));

        assertThat(innocent.closedFor).isNull();
    }

    @Test
    void whoLeavesLittleOfEachBlockHoldsAllOfItsMemory() {
        var innocent = lagging("192.0.2.1", 500_000);
        while (groups.heldBytes() < MAX - 700_000) {
            var stranger = lagging("192.0.2.2", 200_000);
            stranger.room = 200_000 - 1;
            stranger.flush();
            strangers.add(stranger);
        }
        strangers.add(lagging("192.0.2.2", 100_000));
        strangers.add(lagging("192.0.2.2", 100_000));
        awaitOneOfTheStrangersGoes();

        assertThat(innocent.closedFor).isNull();
    }

    @Test
    void whatACodecKeepsCountsAlike() {
        var innocent = lagging("192.0.2.1", 500_000);
        while (groups.heldBytes() < MAX - 700_000) {
            strangers.add(keeping("192.0.2.2", 60_000));
        }
        pauseBeyondTheStallTimeout();
        for (int i = 0; i < 3; i++) {
            strangers.add(keeping("192.0.2.2", 60_000));
        }
        awaitOneOfTheStrangersGoes();

        assertThat(innocent.closedFor).isNull();
    }

    /** {@return a member whose codec keeps this many bytes until the member is closed} */
    private TestPeerMember keeping(String address, int bytes) {
        nowNs.incrementAndGet();
        var member = new TestPeerMember(address, owner) {
            ByteBuffer kept;

            @Override
            public void close(Reason reason) {
                super.close(reason);
                if (kept != null) {
                    membership.memory().release(kept);
                    kept = null;
                }
            }
        };
        member.join(lines, "l" + names++);
        try {
            member.kept = member.membership.memory().acquire(bytes);
        } catch (OutOfQueueException _) {
            // The last of them find no room.
        }
        return member;
    }

    private void pauseBeyondTheStallTimeout() {
        nowNs.addAndGet(WIDE.stallTimeout().plusSeconds(1).toNanos());
    }

    @Test
    void unfinishedMessagesCountAlike() {
        var innocent = lagging("192.0.2.1", 500_000);
        while (groups.heldBytes() < MAX - 700_000) {
            strangers.add(unfinished("192.0.2.2", 60_000));
        }
        pauseBeyondTheStallTimeout();
        for (int i = 0; i < 3; i++) {
            strangers.add(unfinished("192.0.2.2", 60_000));
        }
        awaitOneOfTheStrangersGoes();

        assertThat(innocent.closedFor).isNull();
    }
}
