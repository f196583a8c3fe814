package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Join;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Rates;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.process.Descriptors;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the limits on groups and members, and the reading of the descriptor limit. */
class GroupLimitsTest {
    private static final GroupRules TWO_MEMBERS = new GroupRules(
            Framing.RAW,
            GroupRules.DEFAULT_MAX_MESSAGE,
            GroupRules.DEFAULT_MESSAGE_TIMEOUT,
            SlowMember.PACE,
            FlowLimits.DEFAULT,
            "",
            new MemberRules(2, Rates.UNLIMITED, Optional.empty()));

    private final GroupRegistry groups =
            new GroupRegistry(TWO_MEMBERS, Long.MAX_VALUE / 2, 2, Optional.empty(), new Counters(), System::nanoTime);
    private final TestOwner owner = new TestOwner();

    @AfterEach
    void close() {
        groups.close();
    }

    private Join join(GroupId id) {
        return groups.join(id, new TestMember("m", owner), owner);
    }

    private Membership joined(GroupId id) {
        return ((Joined) join(id)).membership();
    }

    @Test
    void noMoreGroupsBeginThanAllowedAndThePlaceOfOneThatEndedIsFreeAtOnce() {
        var a = joined(GroupId.of("a"));
        joined(GroupId.of("b"));
        assertThat(join(GroupId.of("c"))).isEqualTo(new Refused(Reason.TOO_MANY_GROUPS));
        assertThat(groups.size()).isEqualTo(2);
        joined(GroupId.of("b"));

        a.leave(Reason.PEER_CLOSED);
        a.leave(Reason.PEER_CLOSED);
        joined(GroupId.of("c"));
        assertThat(join(GroupId.of("a"))).isEqualTo(new Refused(Reason.TOO_MANY_GROUPS));
    }

    @Test
    void noMoreMembersJoinThanAllowedAndThePlaceOfOneThatLeftIsFreeAtOnce() {
        var first = joined(GroupId.of("a"));
        var second = joined(GroupId.of("a"));
        assertThat(join(GroupId.of("a"))).isEqualTo(new Refused(Reason.TOO_MANY_MEMBERS));

        first.leave(Reason.PEER_CLOSED);
        first.leave(Reason.PEER_CLOSED);
        var third = joined(GroupId.of("a"));
        assertThat(join(GroupId.of("a"))).isEqualTo(new Refused(Reason.TOO_MANY_MEMBERS));

        second.leave(Reason.PEER_CLOSED);
        third.leave(Reason.PEER_CLOSED);
        assertThat(groups.size()).isZero();
    }

    @Test
    void groupsOfEndpointsAndThoseWhoOnlyPublishTakeNoPlace() {
        joined(GroupId.of("a"));
        joined(GroupId.of("b"));
        joined(GroupId.ofEndpoint("udp"));
        var publisher = groups.publisher(GroupId.of("c"), owner);
        publisher.leave(Reason.PEER_CLOSED);
        assertThat(join(GroupId.of("c"))).isEqualTo(new Refused(Reason.TOO_MANY_GROUPS));
    }

    @Test
    void theDescriptorLimitIsReadFromTheKernelsLines() {
        var lines = List.of(
                "Limit                     Soft Limit           Hard Limit           Units     ",
                "Max open files            1024                 524288               files     ");
        assertThat(Descriptors.limit(lines)).hasValue(1_024);
        assertThat(Descriptors.limit(List.of("Max open files            unlimited  unlimited files")))
                .isEmpty();
        assertThat(Descriptors.limit(List.of())).isEmpty();
    }
}
