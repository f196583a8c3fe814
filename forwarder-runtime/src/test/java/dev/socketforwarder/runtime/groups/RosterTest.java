package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RosterTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final FlowLimits NARROW = new FlowLimits(10, 5, 1, Duration.ofSeconds(5));

    private final AtomicLong nowNs = new AtomicLong();
    private final GroupRegistry groups =
            new GroupRegistry(NARROW, new QueueMemory(1 << 20, _ -> {}), new Counters(), nowNs::get);
    private final TestOwner owner = new TestOwner();
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void listen() {
        groups.listener(new MembershipListener() {
            @Override
            public void joined(MemberView member, int members) {
                told.add(member.name() + " joined, " + members);
            }

            @Override
            public void left(MemberView member, Reason reason, int members) {
                told.add(member.name() + " left, " + reason + ", " + members);
            }
        });
    }

    @AfterEach
    void close() {
        groups.close();
    }

    private TestMember join(String name) {
        var member = new TestMember(name, owner);
        member.membership = ((Joined) groups.join("tcp", GROUP, GroupRules.raw(NARROW), member, owner)).membership();
        return member;
    }

    private MemberView view(String name) {
        return groups.members()
                .filter(member -> member.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aMemberIsSeenWithWhatItSentAndGot() {
        var sender = join("a");
        var receiver = join("b");
        nowNs.set(TimeUnit.SECONDS.toNanos(3));

        sender.publish("12345");
        owner.turn();

        assertThat(view("a").bytesIn()).isEqualTo(5);
        assertThat(view("a").bytesOut()).isZero();
        assertThat(view("b").bytesOut()).isEqualTo(5);
        assertThat(view("b").endpoint()).isEqualTo("tcp");
        assertThat(view("b").group()).isEqualTo(GROUP);
        assertThat(view("b").joinedFor()).isEqualTo(Duration.ofSeconds(3));
        assertThat(view("a").id()).isNotEqualTo(view("b").id());
    }

    @Test
    void whatIsQueuedHasNotGoneOutAndTheSenderWaits() {
        var sender = join("a");
        var receiver = join("b");
        receiver.room = 0;

        sender.publish("0123456789abcdef");
        owner.turn();
        nowNs.set(TimeUnit.SECONDS.toNanos(2));

        assertThat(view("b").queuedBytes()).isEqualTo(16);
        assertThat(view("b").bytesOut()).isZero();
        assertThat(view("b").laggingFor()).isEqualTo(Duration.ofSeconds(2));
        assertThat(view("a").pausedBy()).contains("member " + view("b").id());
    }

    @Test
    void theGroupIsSeenAndKeepsItsCountsWhenMembersLeave() {
        var sender = join("a");
        var receiver = join("b");
        sender.publish("12345");
        owner.turn();
        receiver.membership.leave(Reason.PEER_CLOSED);

        var group = groups.groups().findFirst().orElseThrow();

        assertThat(group.id()).isEqualTo(GROUP);
        assertThat(group.members()).isEqualTo(1);
        assertThat(group.bytesIn()).isEqualTo(5);
        assertThat(group.bytesOut()).isEqualTo(5);
    }

    @Test
    void joinsAndLeavesAreTold() {
        join("a");
        join("b").membership.leave(Reason.IDLE);

        assertThat(told).containsExactly("a joined, 1", "b joined, 2", "b left, idle, 1");
        assertThat(groups.members()).hasSize(1);
    }

    @Test
    void aMemberIsClosedByItsNumber() {
        var member = join("a");

        assertThat(groups.close(view("a").id(), Reason.KICKED)).isTrue();
        owner.turn();

        assertThat(member.closedFor).isEqualTo(Reason.KICKED);
        assertThat(groups.members()).isEmpty();
        assertThat(groups.close(77, Reason.KICKED)).isFalse();
    }
}
