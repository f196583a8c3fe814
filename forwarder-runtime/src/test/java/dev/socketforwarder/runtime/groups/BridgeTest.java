package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.TestBridge;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests bridges in groups whose owners' turns are taken by the test. */
@Timeout(30)
class BridgeTest {
    private static final FlowLimits LIMITS = new FlowLimits(1_000, 400, 100, Duration.ofMillis(20));

    private static final Framing LINES = Framing.delimiter(new byte[] {10});

    private final QueueMemory memory = new QueueMemory(Long.MAX_VALUE / 2, _ -> {});
    private final Counters counters = new Counters();
    private volatile long nowNs;
    private final GroupRegistry groups = new GroupRegistry(LIMITS, memory, counters, () -> nowNs);
    private final TestOwner owner = new TestOwner();
    private final TestOwner third = new TestOwner();
    private final TestOwner bridging = new TestOwner();

    @AfterEach
    void close() {
        groups.close();
    }

    private TestMember member(String name) {
        return new TestMember(name, owner).join(groups, "g");
    }

    private void settle() {
        for (int i = 0; i < 5; i++) {
            owner.turn();
            third.turn();
            bridging.turn();
        }
    }

    private static String bytes(int n) {
        return "x".repeat(n);
    }

    // --- begin and end

    @Test
    void aBridgeIsToldBeforeTheFirstMessageAndAfterTheLast() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        a.publish("one");
        a.publish("three");
        a.membership.leave(Reason.PEER_CLOSED);

        assertThat(bridge.told).isEmpty(); // nobody waited for its thread
        settle();

        assertThat(bridge.told).containsExactly("begun g", "3 bytes of g", "5 bytes of g", "ended g");
        assertThat(groups.size()).isZero();
    }

    @Test
    void existingGroupsAreToldWhenTheWatchBegins() {
        member("a");
        new TestMember("b", third).join(groups, "another");
        var bridge = new TestBridge(bridging).watch(groups);

        settle();

        assertThat(bridge.told).containsExactlyInAnyOrder("begun g", "begun another");
    }

    @Test
    void aGroupThatBeginsAgainAtOnceIsAnother() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        a.publish("a");
        a.membership.leave(Reason.PEER_CLOSED);
        member("b").publish("bb");

        settle();

        assertThat(bridge.told).containsExactly("begun g", "1 bytes of g", "ended g", "begun g", "2 bytes of g");
        assertThat(bridge.members).hasSize(1);
    }

    @Test
    void aBridgeKeepsNoGroupAlive() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        var publisher = groups.publisher(GroupId.of("g"), third);
        settle();

        a.membership.leave(Reason.PEER_CLOSED);
        settle();
        assertThat(groups.size()).isEqualTo(1);
        publisher.leave(Reason.LEFT);
        assertThat(groups.size()).isZero();
        settle();

        assertThat(bridge.told).containsExactly("begun g", "ended g");
        assertThat(groups.members()).isEmpty();
    }

    @Test
    void aBridgeTakesNoPlaceOfAMember() {
        var group = new WatchedGroup[1];
        groups.watch(
                new GroupListener() {
                    @Override
                    public void begun(WatchedGroup begun) {
                        group[0] = begun;
                        begun.bridge(new TestMember("bridge", bridging));
                    }

                    @Override
                    public void ended(WatchedGroup ended) {}
                },
                bridging);
        var rules = new GroupRules(
                Framing.RAW,
                GroupRules.DEFAULT_MAX_MESSAGE,
                GroupRules.DEFAULT_MESSAGE_TIMEOUT,
                SlowMember.PACE,
                LIMITS,
                "",
                new MemberRules(1, MemberRules.DEFAULT.rates(), MemberRules.DEFAULT.joinReply()));

        groups.publisher(GroupId.of("g"), rules, owner);
        settle();
        assertThat(group[0].members()).isZero();
        var join = groups.join("", GroupId.of("g"), rules, new TestMember("a", owner), owner);

        assertThat(join).isInstanceOf(Groups.Joined.class);
        assertThat(group[0].members()).isEqualTo(1);
    }

    @Test
    void groupsOfOneNameAndOtherFramingsAreToldSeparately() {
        var bridge = new TestBridge(bridging).watch(groups);
        member("a");
        groups.join("", GroupId.of("g"), GroupRules.of(LINES, LIMITS), new TestMember("b", owner), owner);

        settle();

        assertThat(bridge.members.keySet())
                .extracting(WatchedGroup::framing)
                .containsExactlyInAnyOrder(Framing.RAW, LINES);
    }

    // --- messages

    @Test
    void whatABridgePublishesReachesAllMembersAndOtherBridges() {
        var one = new TestBridge(bridging).watch(groups);
        var two = new TestBridge(third).watch(groups);
        var a = member("a");
        settle();

        one.in("g").publish("news");
        settle();

        assertThat(a.takenText()).isEqualTo("news");
        assertThat(two.in("g").takenText()).isEqualTo("news");
        assertThat(one.in("g").takenText()).isEmpty();
    }

    @Test
    void theOriginOfWhatABridgePublishesReachesOtherBridges() {
        var origins = new ArrayList<Object>();
        groups.watch(listenerOfMessages(origins), third);
        var bridge = new TestBridge(bridging).watch(groups);
        var group = GroupRules.of(LINES, LIMITS);
        groups.publisher(GroupId.of("g"), group, owner);
        settle();

        bridge.in("g").membership.publish(bridging.batch("text\n".getBytes()).origin("hops"));
        settle();

        assertThat(origins).containsExactly("hops");
    }

    /** {@return a bridge that takes bare messages} */
    private GroupListener listenerOfMessages(List<Object> origins) {
        return new GroupListener() {
            @Override
            public void begun(WatchedGroup group) {
                group.bridge(new TestMember("messages", third) {
                    @Override
                    public Batch.Form form() {
                        return Batch.Form.MESSAGES;
                    }

                    @Override
                    public void deliver(Batch batch) {
                        origins.add(batch.origin());
                    }
                });
            }

            @Override
            public void ended(WatchedGroup group) {}
        };
    }

    @Test
    void aBridgeMayTakeMessagesAsTheyWerePublished() {
        var got = new ArrayList<String>();
        groups.watch(listenerOfEitherForm(got), third);
        var group = GroupRules.of(LINES, LIMITS);
        var publisher = groups.publisher(GroupId.of("g"), group, owner);
        settle();

        publisher.publish(owner.batch(bytes(3).getBytes(), "\n".getBytes()));
        var message = Block.borrowed(ByteBuffer.allocateDirect(5));
        publisher.publish(new Batch(message, Batch.Form.MESSAGES).add(0, 5, MessageKind.TEXT));
        settle();

        assertThat(got).containsExactly("STREAM NONE 3", "STREAM NONE 1", "MESSAGES TEXT 5");
    }

    private GroupListener listenerOfEitherForm(List<String> got) {
        return new GroupListener() {
            @Override
            public void begun(WatchedGroup group) {
                group.bridge(new TestMember("as published", third) {
                    @Override
                    public boolean takesEitherForm() {
                        return true;
                    }

                    @Override
                    public void deliver(Batch batch) {
                        for (int i = 0; i < batch.count(); i++) {
                            got.add(batch.form() + " " + batch.kind(i) + " " + batch.length(i));
                        }
                    }
                });
            }

            @Override
            public void ended(WatchedGroup group) {}
        };
    }

    // --- slow

    @Test
    void nobodyWaitsForAFullBridge() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        var b = member("b");
        settle();
        bridge.in("g").room = 0;

        a.publish(bytes(1_001));
        settle();
        a.publish("more");
        nowNs += Duration.ofMinutes(1).toNanos();
        settle();

        assertThat(a.paused).isFalse();
        assertThat(b.takenText()).hasSize(1_005);
        assertThat(bridge.in("g").closedFor).isNull();
        assertThat(counters.get(Reason.MEMBER_FULL)).isEqualTo(1);
    }

    @Test
    void nobodyWaitsForTheThreadOfABridge() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        var b = member("b");
        settle();

        int messages = 200;
        for (int i = 0; i < messages; i++) { // the bridge's thread makes no turn
            a.publish(bytes(100_000));
            owner.turn();
        }

        assertThat(a.paused).isFalse();
        assertThat(b.takenText()).hasSize(messages * 100_000);
        long missed = counters.get(Reason.OWNER_FULL);
        assertThat(missed).isPositive();
        settle();
        assertThat(bridge.in("g").taken.size()).isEqualTo((messages - missed) * 100_000);
    }

    @Test
    void sendersWaitForAMemberBesideABridge() {
        new TestBridge(bridging).watch(groups);
        var a = member("a");
        var beside = new TestMember("beside", bridging).join(groups, "g");
        settle();

        a.publish(bytes(1_001)); // waits in the inbox of both
        owner.turn();
        assertThat(a.paused).isTrue();
        beside.membership.leave(Reason.PEER_CLOSED);
        settle();

        assertThat(a.paused).isFalse();
    }

    @Test
    void whatABridgePublishesIsLeftOutForFullMembersAlone() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        var b = member("b");
        settle();
        a.room = 0;

        bridge.in("g").publish(bytes(1_001));
        settle();
        bridge.in("g").publish("more");
        settle();

        assertThat(b.takenText()).endsWith("more");
        assertThat(counters.get(Reason.MEMBER_FULL)).isEqualTo(1);
    }

    // --- faults

    @Test
    void aListenerThatThrowsIsNotBridgedAndHarmsNobody() {
        var ended = new ArrayList<WatchedGroup>();
        groups.watch(
                new GroupListener() {
                    @Override
                    public void begun(WatchedGroup group) {
                        group.bridge(new TestMember("bridge", bridging));
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public void ended(WatchedGroup group) {
                        ended.add(group);
                    }
                },
                bridging);
        var a = member("a");
        var b = member("b");
        settle();

        a.publish("still");
        settle();
        assertThat(b.takenText()).isEqualTo("still");
        assertThat(groups.members()).hasSize(2);
        a.membership.leave(Reason.PEER_CLOSED);
        b.membership.leave(Reason.PEER_CLOSED);
        settle();

        assertThat(ended).isEmpty();
        assertThat(groups.heldBytes()).isZero();
    }

    @Test
    void aListenerThatBridgesNothingCostsNoCopies() {
        groups.watch(
                new GroupListener() {
                    @Override
                    public void begun(WatchedGroup group) {}

                    @Override
                    public void ended(WatchedGroup group) {}
                },
                bridging);
        var a = member("a");
        settle();
        bridging.turn();

        a.publish("alone");

        assertThat(groups.heldBytes()).isZero();
    }

    @Test
    void nobodyCanBridgeAGroupThatHasEnded() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        settle();
        var group = bridge.members.keySet().iterator().next();
        a.membership.leave(Reason.PEER_CLOSED);
        settle();

        assertThatThrownBy(() -> group.bridge(new TestMember("late", bridging)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("group g has ended");
    }

    // --- the end of the watch

    @Test
    void aWatchThatEndsTakesItsBridgesAlong() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        settle();

        bridge.watch.close();
        bridge.watch.close();
        a.publish("unheard");
        new TestMember("b", owner).join(groups, "another");
        a.membership.leave(Reason.PEER_CLOSED);
        settle();

        assertThat(bridge.told).containsExactly("begun g");
        assertThat(groups.members()).hasSize(1);
        assertThat(groups.heldBytes()).isZero();
    }

    @Test
    void aWatchThatEndsBeforeItsFirstTurnIsToldNothing() {
        var bridge = new TestBridge(bridging).watch(groups);
        var a = member("a");
        ((GroupWatch) bridge.watch).end();
        a.publish("unheard");
        settle();
        assertThat(bridge.told).isEmpty();
        a.membership.leave(Reason.PEER_CLOSED);
        assertThat(groups.heldBytes()).isZero();
    }
}
