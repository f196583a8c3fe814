package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests groups whose members have several owners, each with its own thread. */
@Timeout(60)
class GroupStressTest {
    private static final FlowLimits LIMITS = new FlowLimits(1_000, 900, 1, Duration.ofSeconds(60));
    private static final byte[] HALF = new byte[501];

    private final QueueMemory memory = new QueueMemory(Long.MAX_VALUE / 2, _ -> {});
    private final Counters counters = new Counters();
    private final GroupRegistry groups = new GroupRegistry(LIMITS, memory, counters, System::nanoTime);
    private final List<TestOwner> owners = new ArrayList<>();

    private TestOwner owner() {
        var owner = new TestOwner().started("owner-" + owners.size());
        owners.add(owner);
        return owner;
    }

    @AfterEach
    void close() {
        owners.forEach(TestOwner::close);
        groups.close();
    }

    private void settle() {
        for (int i = 0; i < 3; i++) {
            owners.forEach(owner -> owner.run(() -> {}));
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(endNs);
            LockSupport.parkNanos(500_000);
        }
    }

    @Test
    void anInboxThatFillsWhileItsOwnerTakesNeverStopsAGroupForEver() {
        var sender = new TestMember("sender", owner());
        var receiver = new TestMember("receiver", owner());
        sender.owner.run(() -> sender.join(groups, "g"));
        receiver.owner.run(() -> receiver.join(groups, "g"));
        for (int i = 0; i < 20_000; i++) {
            // Sent even while paused, like bytes already on their way, so that the marks are crossed again and again.
            sender.owner.execute(() -> sender.publish(HALF));
            if (i % 50 == 0) {
                sender.owner.run(() -> {});
            }
        }
        settle();

        sender.owner.run(() -> assertThat(sender.paused).isFalse());
        receiver.owner.run(() -> assertThat(receiver.taken.size()).isEqualTo(20_000 * HALF.length));
    }

    @Test
    void anOwnersLastMemberThatLeavesWhileItsInboxFillsNeverStopsAGroupForEver() throws InterruptedException {
        var one = owner();
        var two = owner();
        long endNs = System.nanoTime() + Duration.ofSeconds(3).toNanos(); // a fault mostly shows long before
        for (int i = 0; System.nanoTime() < endNs; i++) {
            var sender = new TestMember("sender", one);
            var receiver = new TestMember("receiver", two);
            var group = "g" + i;
            one.run(() -> sender.join(groups, group));
            two.run(() -> receiver.join(groups, group));
            var ready = new CountDownLatch(2);
            two.execute(() -> {
                meet(ready);
                receiver.membership.leave(Reason.PEER_CLOSED);
            });
            one.execute(() -> {
                meet(ready);
                sender.publish(HALF);
                sender.publish(HALF);
            });
            assertThat(ready.await(10, TimeUnit.SECONDS)).isTrue();
            two.run(() -> {});
            one.run(() -> {});
            one.run(() -> {
                assertThat(sender.paused).as("after the end of " + group).isFalse();
                sender.membership.leave(Reason.PEER_CLOSED);
            });
        }
        assertThat(groups.size()).isZero();
        settle();
        await("all memory is back", () -> memory.heldBytes() == 0);
    }

    private static void meet(CountDownLatch ready) {
        ready.countDown();
        while (ready.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void membersThatComeGoAndLagMissNothingAndLeaveNothingBehind() {
        long seed = System.nanoTime();
        System.out.println("GroupStressTest seed " + seed);
        var random = new Random(seed);
        var stayers = new ArrayList<Talker>();
        for (int o = 0; o < 3; o++) {
            var owner = owner();
            for (int i = 0; i < 3; i++) {
                var talker = new Talker(stayers.size(), owner, random.nextLong());
                stayers.add(talker);
                owner.run(() -> talker.join(groups, "g"));
            }
        }
        var comersAndGoers = new AtomicInteger();
        for (var owner : owners) {
            for (int i = 0; i < 3; i++) {
                new ComerAndGoer(owner, random.nextLong(), comersAndGoers).begin();
            }
        }
        stayers.forEach(Talker::begin);

        // A paused talker continues only when it is resumed, so if all finish none was forgotten.
        await("all have said everything", () -> stayers.stream().allMatch(talker -> talker.left.get() == 0));
        await("all have come and gone", () -> comersAndGoers.get() == 0);
        settle();
        for (var talker : stayers) {
            talker.owner.run(talker::takeAll);
        }
        settle();
        stayers.forEach(talker -> talker.owner.run(() -> {
            assertThat(talker.paused).isFalse();
            talker.verify(stayers.size());
            talker.membership.leave(Reason.PEER_CLOSED);
        }));
        settle();
        assertThat(groups.size()).isZero();
        assertThat(memory.heldBytes()).isZero();
        assertThat(counters.get(Reason.MEMBER_FULL)).isZero();
        assertThat(counters.get(Reason.OWNER_FULL)).isZero();
    }

    /** Sends numbered messages of eight bytes while it may, and takes what it gets in random portions. */
    private final class Talker extends TestMember {
        private static final int MESSAGES = 4_000;

        final int id;
        final AtomicInteger left = new AtomicInteger(MESSAGES);
        private final Random random;
        private boolean talking;

        Talker(int id, TestOwner owner, long seed) {
            super("talker-" + id, owner);
            this.id = id;
            this.random = new Random(seed);
        }

        void begin() {
            owner.execute(this::talk);
        }

        private void talk() {
            talking = false;
            if (left.get() > 0 && !paused) {
                int n = Math.min(left.get(), 1 + random.nextInt(20));
                var messages = new String[n];
                for (int i = 0; i < n; i++) {
                    messages[i] = "%02d%06d".formatted(id, MESSAGES - left.getAndDecrement());
                }
                publish(messages);
            }
            if (random.nextInt(4) == 0) {
                room = random.nextInt(3_000);
            }
            if (left.get() > 0 && !paused) {
                again();
            } else if (membership.queue().isFull()) {
                takeAll(); // the others wait for this member
            }
        }

        private void again() {
            if (!talking) {
                talking = true;
                owner.execute(this::talk);
            }
        }

        @Override
        public void flush() {
            super.flush();
            if (membership.queue().isFull() && random.nextInt(3) > 0) {
                owner.execute(this::takeAll);
            } else {
                owner.execute(() -> {
                    room = random.nextInt(4_000);
                    super.flush();
                    if (!membership.queue().isEmpty()) {
                        owner.execute(this::takeAll);
                    }
                });
            }
        }

        private void takeAll() {
            room = Long.MAX_VALUE;
            super.flush();
        }

        @Override
        public void resume() {
            super.resume();
            again();
        }

        void verify(int talkers) {
            var next = new HashMap<Integer, Integer>();
            var text = takenText();
            assertThat(text.length() % 8).isZero();
            for (int at = 0; at < text.length(); at += 8) {
                int sender = Integer.parseInt(text.substring(at, at + 2));
                int number = Integer.parseInt(text.substring(at + 2, at + 8));
                assertThat(sender).isNotEqualTo(id);
                if (sender < talkers) {
                    assertThat(number).as("of %d to %d", sender, id).isEqualTo(next.getOrDefault(sender, 0));
                    next.put(sender, number + 1);
                }
            }
            for (int sender = 0; sender < talkers; sender++) {
                assertThat(next.getOrDefault(sender, 0)).isEqualTo(sender == id ? 0 : MESSAGES);
            }
        }
    }

    /** Joins, takes nothing or everything, sends, and leaves, full or not; again and again. */
    private final class ComerAndGoer {
        private final TestOwner owner;
        private final Random random;
        private final AtomicInteger running;
        private int rounds = 150;

        ComerAndGoer(TestOwner owner, long seed, AtomicInteger running) {
            this.owner = owner;
            this.random = new Random(seed);
            this.running = running;
        }

        void begin() {
            running.incrementAndGet();
            owner.execute(this::come);
        }

        private void come() {
            if (rounds-- == 0) {
                running.decrementAndGet();
                return;
            }
            var member = new TestMember("comer", owner).join(groups, "g");
            member.room = random.nextInt(2) * Long.MAX_VALUE;
            stay(member, random.nextInt(30));
        }

        private void stay(TestMember member, int turns) {
            owner.execute(() -> {
                if (turns > 0) {
                    if (!member.paused) {
                        member.publish("99%06d".formatted(turns));
                    }
                    stay(member, turns - 1);
                } else {
                    member.close(Reason.PEER_CLOSED);
                    come();
                }
            });
        }
    }
}
