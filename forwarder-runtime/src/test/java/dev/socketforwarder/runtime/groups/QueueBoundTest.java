package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.runtime.endpoints.EndpointGroups;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.rules.GroupTable;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that what all groups hold together is bounded at every moment, whoever fills it; the memory itself counts. */
@Timeout(60)
class QueueBoundTest {
    private static final long MAX = 4 << 20;
    private static final int LOOPS = 4;
    private static final int GROUPS_OF_A_LOOP = 10;
    private static final int ROUNDS = 60;
    private static final FlowLimits WIDE = new FlowLimits(1 << 28, 1 << 27, 1, Duration.ofSeconds(5));

    /** Memory that counts how much is given out, and the most so far. */
    private static final class Gauge implements Memory {
        private final QueueMemory memory = new QueueMemory(Long.MAX_VALUE / 2, _ -> {});
        final AtomicLong held = new AtomicLong();
        final AtomicLong most = new AtomicLong();

        @Override
        public ByteBuffer acquire(int bytes) {
            var buffer = memory.acquire(bytes);
            most.accumulateAndGet(held.addAndGet(buffer.capacity()), Math::max);
            return buffer;
        }

        @Override
        public void release(ByteBuffer buffer) {
            held.addAndGet(-buffer.capacity());
            memory.release(buffer);
        }
    }

    private final Gauge memory = new Gauge();
    private final Counters counters = new Counters();
    private final GroupRegistry groups =
            new GroupRegistry(GroupRules.raw(WIDE), MAX, memory, counters, System::nanoTime);
    private final List<TestOwner> loops = new ArrayList<>();

    @AfterEach
    void close() {
        loops.forEach(TestOwner::close);
        groups.close();
    }

    /** {@return the groups as an endpoint with these rules sees them} */
    private Groups with(GroupRules rules) {
        return new EndpointGroups("t", groups, new GroupTable(List.of(), rules));
    }

    private static GroupRules lines(SlowMember slow) {
        return new GroupRules(Framing.LINE, 1 << 20, Duration.ofSeconds(30), slow, WIDE, "missed {missed}");
    }

    /** A group that fills up with what its receivers do not read and its senders do not finish. */
    private final class Filling {
        final Groups rules;
        final String name;
        final TestOwner owner;
        final Random random;
        final List<TestMember> members = new ArrayList<>();

        Filling(int index, TestOwner owner, long seed) {
            this.rules = with(
                    switch (index % 3) {
                        case 0 -> GroupRules.raw(WIDE);
                        case 1 -> lines(SlowMember.PACE);
                        default -> lines(SlowMember.DROP);
                    });
            this.name = "g" + index;
            this.owner = owner;
            this.random = new Random(seed + index);
        }

        void round() {
            members.removeIf(member -> {
                assertThat(member.closedFor).isIn(null, Reason.OUT_OF_QUEUE);
                return member.closedFor != null;
            });
            while (members.size() < 4) {
                var member = new TestMember(name, owner).join(rules, name);
                member.room = random.nextBoolean() ? 0 : 10_000;
                members.add(member);
            }
            var sender = members.get(random.nextInt(members.size()));
            var bytes = new byte[random.nextInt(1, 100_000)];
            random.nextBytes(bytes); // with some line feeds
            if (!owner.receive(sender, bytes, 0, bytes.length)) {
                sender.close(owner.refusal());
            }
        }

        void end() {
            members.stream().filter(member -> member.closedFor == null).forEach(member -> member.close(Reason.STOPPED));
        }
    }

    @RepeatedTest(3)
    void manyGroupsOfManyLoopsThatFillItAtOnceDoNotExceedIt() throws Exception {
        long seed = new Random().nextLong();
        var all = new ArrayList<Filling>();
        for (int i = 0; i < LOOPS; i++) {
            loops.add(new TestOwner().started("loop-" + i));
        }
        // Some groups are on two loops, so that batches are handed over.
        for (int i = 0; i < LOOPS * GROUPS_OF_A_LOOP; i++) {
            all.add(new Filling(i, loops.get(i % LOOPS), seed));
            if (i % 4 == 0) {
                all.add(new Filling(i, loops.get((i + 1) % LOOPS), seed));
            }
        }
        var running = new ArrayList<CompletableFuture<Void>>();
        for (var loop : loops) {
            var mine = all.stream().filter(filling -> filling.owner == loop).toList();
            running.add(rounds(loop, mine));
        }
        for (var each : running) {
            each.get(40, TimeUnit.SECONDS);
        }

        assertThat(memory.most.get()).as("seed %d", seed).isBetween(MAX / 2, MAX);
        for (var loop : loops) {
            loop.run(() -> all.stream().filter(filling -> filling.owner == loop).forEach(Filling::end));
        }
        for (int i = 0; i < 100 && memory.held.get() > 0; i++) {
            loops.forEach(loop -> loop.run(() -> {})); // waits until handed-over batches are taken
        }
        assertThat(memory.held.get()).as("seed %d", seed).isZero();
        assertThat(groups.heldBytes()).as("seed %d", seed).isZero();
        assertThat(groups.size()).as("seed %d", seed).isZero();
        assertThat(counters.get(Reason.INTERNAL_ERROR)).isZero();
    }

    /** Run rounds, each in a turn of its own, so that the others' tasks come between. */
    private static CompletableFuture<Void> rounds(TestOwner loop, List<Filling> groups) {
        var done = new CompletableFuture<Void>();
        var left = new AtomicLong(ROUNDS);
        loop.execute(new Runnable() {
            @Override
            public void run() {
                try {
                    groups.forEach(Filling::round);
                } catch (RuntimeException | AssertionError e) {
                    done.completeExceptionally(e);
                    return;
                }
                if (left.decrementAndGet() > 0) {
                    loop.execute(this);
                } else {
                    done.complete(null);
                }
            }
        });
        return done;
    }

    @Test
    void whereNothingIsLeftMembersElsewhereMissWhatMayBeLeftOutAndTheOthersAreClosed() {
        var here = new TestOwner();
        var there = new TestOwner();
        var rules = with(lines(SlowMember.DROP));
        var sender = new TestMember("sender", here).join(rules, "drop");
        var near = new TestMember("near", here).join(rules, "drop");
        var far = new TestMember("far", there).join(rules, "drop");
        var raw = with(GroupRules.raw(WIDE));
        var rawSender = new TestMember("raw sender", here).join(raw, "raw");
        var rawFar = new TestMember("raw far", there).join(raw, "raw");
        var hog = memory(MAX);

        sender.publish("one\n");
        rawSender.publish("x");
        here.flush();
        there.turn();

        assertThat(near.takenText()).isEqualTo("one\n"); // bytes that are delivered at once need no memory
        assertThat(far.takenText()).isEmpty();
        assertThat(far.closedFor).isNull();
        assertThat(rawFar.closedFor).isEqualTo(Reason.OUT_OF_QUEUE);
        assertThat(counters.get(Reason.OUT_OF_QUEUE)).isEqualTo(1);

        hog.run();
        sender.publish("two\n");
        here.flush();
        there.turn();
        assertThat(far.takenText()).isEqualTo("missed 1\ntwo\n");
    }

    /**
     * Take this much of the budget, in a group without members.
     *
     * @return gives it back
     */
    private Runnable memory(long bytes) {
        var owner = new TestOwner();
        var hog = new TestMember("hog", owner).join(with(lines(SlowMember.PACE)), "hog");
        var piece = new byte[4_096];
        while (owner.receive(hog, piece, 0, piece.length)) {
            assertThat(groups.heldBytes()).isLessThanOrEqualTo(bytes);
            owner.flush();
        }
        var more = new ArrayList<TestMember>();
        for (boolean isRoom = true; isRoom; ) {
            var member = new TestMember("more", owner).join(with(lines(SlowMember.PACE)), "hog");
            more.add(member);
            isRoom = owner.receive(member, piece, 0, 1);
            owner.flush();
        }
        assertThat(groups.heldBytes()).isEqualTo(bytes);
        return () -> {
            hog.close(Reason.STOPPED);
            more.forEach(member -> member.close(Reason.STOPPED));
        };
    }
}
