package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.loop.EndpointThread;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests a group whose plugin's loop hangs: here that loop never runs, so it takes nothing. */
class AbandonTest {
    private static final FlowLimits LIMITS = new FlowLimits(1_000, 100, 1, Duration.ofMinutes(1));

    private final GroupRegistry groups = new GroupRegistry(LIMITS, new Counters());
    private final TestOwner owner = new TestOwner();
    private final TestMember sender = new TestMember("sender", owner).join(groups, "g");
    private final EndpointThread hanging = new EndpointThread("plugin", "plugin", groups, Duration.ofMinutes(1));
    private final Plugged member = new Plugged();
    private final Membership membership = ((Joined) groups.join(GroupId.of("g"), member, hanging)).membership();

    private static final class Plugged implements Member {
        private Reason closedFor;
        private int delivered;

        @Override
        public void deliver(Batch batch) {
            delivered++;
        }

        @Override
        public void close(Reason reason) {
            closedFor = reason;
        }

        @Override
        public String describe() {
            return "plugged";
        }
    }

    @AfterEach
    void close() {
        groups.close();
    }

    private void fillInbox() {
        sender.publish(new byte[2_000]);
        owner.turn();
        assertThat(sender.paused).isTrue();
        assertThat(groups.heldBytes()).isPositive();
    }

    @Test
    void whatWaitsForItGivesItsMemoryBackAndNobodyWaits() {
        fillInbox();

        groups.abandon(hanging);
        owner.turn();

        assertThat(sender.paused).isFalse();
        assertThat(groups.heldBytes()).isZero();
        sender.publish(new byte[2_000]);
        owner.turn();
        assertThat(sender.paused).isFalse();
        assertThat(groups.heldBytes()).isZero();
        assertThat(member.delivered).isZero();
    }

    @Test
    void itsMembersAreClosedWhenItGoesOnAndTheGroupEndsWithTheOthers() {
        fillInbox();
        var other = new TestMember("other", owner).join(groups, "g");
        var sides = groups.abandon(hanging);

        membership.publish(owner.batch(new byte[] {1}));
        owner.turn();
        assertThat(other.takenText()).as("of one that is given up").isEmpty();
        sides.forEach(side -> side.endAbandoned(Reason.STALLED));

        assertThat(member.closedFor).isEqualTo(Reason.STALLED);
        sender.close(Reason.PEER_CLOSED);
        other.close(Reason.PEER_CLOSED);
        assertThat(groups.size()).isZero();
    }

    @Test
    void aNewMemberOfTheSameLoopHearsTheGroupAgain() throws Exception {
        groups.abandon(hanging).forEach(side -> side.endAbandoned(Reason.STALLED));
        hanging.start();
        try {
            var later = new Plugged();
            assertThat(hanging.call(() -> groups.join(GroupId.of("g"), later, hanging), Duration.ofSeconds(20)))
                    .isTrue();
            sender.publish(new byte[] {1});
            owner.turn();
            assertThat(hanging.call(() -> {}, Duration.ofSeconds(20))).isTrue();
            assertThat(later.delivered).isEqualTo(1);
        } finally {
            hanging.stop(Duration.ofSeconds(20));
        }
    }

    @Test
    void nobodyWaitsForALoopThatIsStoppedWithMembersOnIt() {
        fillInbox();

        hanging.stop(Duration.ZERO);
        owner.turn();

        assertThat(sender.paused).isFalse();
        assertThat(groups.heldBytes()).isZero();
    }

    @Test
    void aLoopThatEndsClosesTheMembersThatItsPluginLeft() throws Exception {
        hanging.start();

        hanging.stop(Duration.ofSeconds(20));

        assertThat(member.closedFor).isEqualTo(Reason.STOPPED);
        sender.close(Reason.PEER_CLOSED);
        assertThat(groups.size()).isZero();
    }

    @Test
    void closingTheConnectionsOfALoopThatHasEndedMeanwhileIsNoError() throws Exception {
        hanging.start();
        hanging.stop(Duration.ofSeconds(20));

        assertThatCode(hanging::closeConnections).doesNotThrowAnyException();
    }

    @Test
    void aLoopThatHangsWhenItIsToEndKeepsNoPort() throws Exception {
        var hangs = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        hanging.start();
        try (var listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
            var address = listener.getLocalAddress();
            listener.configureBlocking(false);
            hanging.execute(() -> register(listener));
            hanging.execute(() -> {
                hangs.countDown();
                await(goOn);
            });
            await(hangs);

            hanging.stop(Duration.ZERO);

            try (var next = ServerSocketChannel.open()) {
                assertThatCode(() -> next.bind(address)).doesNotThrowAnyException();
            }
        } finally {
            goOn.countDown();
            hanging.stop(Duration.ofSeconds(20));
        }
        assertThat(hanging.thread().isAlive()).isFalse();
        assertThat(member.closedFor).isEqualTo(Reason.STOPPED);
    }

    private void register(ServerSocketChannel listener) {
        try {
            hanging.register(listener, SelectionKey.OP_ACCEPT, _ -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
