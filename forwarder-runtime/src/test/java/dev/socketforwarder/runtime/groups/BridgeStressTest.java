package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.loop.EndpointThread;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests bridges whose groups have members on other threads. */
@Timeout(60)
class BridgeStressTest {
    private static final FlowLimits LIMITS = new FlowLimits(1_000, 900, 1, Duration.ofSeconds(60));
    private static final Duration SOON = Duration.ofMillis(50);
    private static final int SENDERS = 3;
    private static final int ROUNDS = 2_000;

    private final QueueMemory memory = new QueueMemory(Long.MAX_VALUE / 2, _ -> {});
    private final Counters counters = new Counters();
    private final GroupRegistry groups = new GroupRegistry(LIMITS, memory, counters, System::nanoTime);
    private final List<TestOwner> owners = new ArrayList<>();

    @AfterEach
    void close() {
        owners.forEach(TestOwner::close);
        groups.close();
    }

    private TestOwner owner() {
        var owner = new TestOwner().started("owner-" + owners.size());
        owners.add(owner);
        return owner;
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(endNs);
            LockSupport.parkNanos(500_000);
        }
    }

    /** Counts what it is told; fails if that comes in a wrong order. */
    private final class Counting implements GroupListener {
        private final AtomicLong begun = new AtomicLong();
        private final AtomicLong ended = new AtomicLong();
        private final AtomicLong bytes = new AtomicLong();
        private final ConcurrentHashMap<WatchedGroup, Boolean> present = new ConcurrentHashMap<>();
        private volatile Reason closedFor;

        @Override
        public void begun(WatchedGroup group) {
            assertThat(present.put(group, true)).isNull();
            begun.getAndIncrement();
            group.bridge(new Member() {
                @Override
                public void deliver(Batch batch) {
                    assertThat(present).containsKey(group);
                    bytes.addAndGet(batch.bytes());
                }

                @Override
                public void close(Reason reason) {
                    closedFor = reason;
                }

                @Override
                public String describe() {
                    return "bridge";
                }
            });
        }

        @Override
        public void ended(WatchedGroup group) {
            assertThat(present.remove(group)).isTrue();
            ended.getAndIncrement();
        }
    }

    /** Join a group, publish a message of one byte and leave, again and again. */
    private CountDownLatch come(TestOwner owner) {
        var done = new CountDownLatch(ROUNDS);
        for (int i = 0; i < ROUNDS; i++) {
            var group = "g" + i % 3;
            owner.execute(() -> {
                var member = new TestMember("member", owner).join(groups, group);
                member.publish("x");
                member.membership.leave(Reason.PEER_CLOSED);
                done.countDown();
            });
        }
        return done;
    }

    @Test
    void everyMessageOfGroupsThatComeAndGoReachesTheBridgeOnce() throws InterruptedException {
        var bridge = new Counting();
        groups.watch(bridge, owner());

        var senders = new ArrayList<CountDownLatch>();
        for (int i = 0; i < SENDERS; i++) {
            senders.add(come(owner()));
        }
        for (var sender : senders) {
            assertThat(sender.await(30, TimeUnit.SECONDS)).isTrue();
        }
        await("every group ends", () -> bridge.present.isEmpty() && groups.size() == 0);

        long leftOut = counters.get(Reason.OWNER_FULL);
        await("the rest", () -> bridge.bytes.get() + leftOut == SENDERS * ROUNDS);
        assertThat(bridge.ended.get()).isEqualTo(bridge.begun.get());
        await("no side is left", () -> groups.bridges() == 0);
    }

    @Test
    void groupsThatBeginWhileWatchesBeginAndEndAreToldOnce() throws InterruptedException {
        var watchers = owner();
        var sender = owner();
        var done = come(sender);
        sender.execute(() -> new TestMember("last", sender).join(groups, "stays"));
        var bridges = new ArrayList<Counting>();
        while (done.getCount() > 0) {
            var bridge = new Counting();
            bridges.add(bridge);
            watchers.run(() -> groups.watch(bridge, watchers));
            if (bridges.size() > 20) {
                var brief = new Counting();
                watchers.run(() -> groups.watch(brief, watchers).close());
                LockSupport.parkNanos(1_000_000);
            }
        }

        sender.run(() -> {});
        watchers.run(() -> {});
        await("what has ended is told", () -> {
            watchers.run(() -> {});
            return bridges.stream().allMatch(bridge -> bridge.present.size() == 1);
        });
        assertThat(bridges)
                .allMatch(bridge -> bridge.present.keySet().stream()
                        .allMatch(group -> group.id().name().equals("stays")));
        assertThat(groups.bridges()).isEqualTo(bridges.size());
    }

    @Test
    void aLoopThatHangsKeepsItsBridgeAndMakesNobodyWait() throws IOException {
        var hanging = new EndpointThread("bridge", "bridge", groups, SOON);
        hanging.start();
        var bridge = new Counting();
        try {
            assertThat(hanging.call(() -> groups.watch(bridge, hanging), LIMITS.stallTimeout()))
                    .isTrue();
            var sender = new TestMember("sender", owner());
            var receiver = new TestMember("receiver", owner());
            sender.owner.run(() -> sender.join(groups, "g"));
            receiver.owner.run(() -> receiver.join(groups, "g"));
            await("the bridge enters", () -> groups.bridges() == 1);
            var release = new CountDownLatch(1);
            hanging.execute(() -> awaitQuietly(release));

            await("the loop is found hanging", () -> {
                sender.owner.run(() -> sender.publish("x"));
                return !hanging.isRunning();
            });
            sender.owner.run(() -> sender.publish("last"));
            sender.owner.run(() -> assertThat(sender.paused).isFalse());
            release.countDown();

            await("all is heard", () -> bridge.bytes.get() == receiver.taken.size());
            assertThat(bridge.bytes.get()).isGreaterThan(4);
            assertThat(bridge.closedFor).isNull();
        } finally {
            hanging.stop(LIMITS.stallTimeout());
        }
        await("the bridge is gone with its loop", () -> groups.bridges() == 0);
        assertThat(bridge.closedFor).isEqualTo(Reason.STOPPED);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aListenerThatIsFarBehindLearnsOfFurtherGroupsLater() {
        int more = 100;
        var idle = new TestOwner();
        var bridge = new Counting();
        groups.watch(bridge, idle);
        var joining = new TestOwner();

        for (int i = 0; i < GroupWatch.MOST_WAITING + more; i++) {
            var member = new TestMember("member", joining);
            member.join(groups, "g" + i);
        }
        while (bridge.begun.get() < GroupWatch.MOST_WAITING / 2 - 1) {
            idle.turn();
        }
        assertThat(bridge.begun.get()).isLessThan(GroupWatch.MOST_WAITING);
        for (int i = 0; i < 20; i++) {
            idle.turn();
        }

        assertThat(bridge.begun.get()).isEqualTo(GroupWatch.MOST_WAITING + more);
    }

    @Test
    void allBridgesOfAListenerThatHangsTakeAnEighthOfTheMemory() {
        int most = 8 << 20;
        var small = new GroupRegistry(GroupRules.raw(FlowLimits.DEFAULT), most, memory, counters, System::nanoTime);
        var idle = new TestOwner();
        small.watch(new Counting(), idle);
        var sending = new TestOwner();

        for (int i = 0; i < 100; i++) {
            new TestMember("sender", sending).join(small, "g" + i).publish("x".repeat(100_000));
            sending.turn();
        }

        assertThat(counters.get(Reason.OWNER_FULL)).isBetween(80L, 95L);
        assertThat(small.heldBytes()).isLessThan(most / 2);
        small.close();
    }
}
