package dev.socketforwarder.runtime.groups;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.NetstringCodec;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests what many members publish while their owner reads them, given to all in one pass. */
@Timeout(30)
class TurnTest {
    private static final FlowLimits WIDE = new FlowLimits(1 << 20, 1 << 18, 1, Duration.ofSeconds(5));

    private final QueueMemory memory = new QueueMemory(Long.MAX_VALUE / 2, _ -> {});
    private final Counters counters = new Counters();
    private final TestOwner owner = new TestOwner();
    private final TestOwner other = new TestOwner();
    private final ByteBuffer read = ByteBuffer.allocateDirect(64 * 1024);
    private final Block block = Block.borrowed(read);
    private final TurnRoom room = new TurnRoom();
    private final Turn turn = new Turn(block, room);
    private GroupRegistry groups = groups(GroupRules.raw(WIDE));
    private int filled;

    private GroupRegistry groups(GroupRules rules) {
        return new GroupRegistry(rules, 1 << 30, memory, counters, System::nanoTime);
    }

    @AfterEach
    void close() {
        groups.close();
    }

    /** A member that counts its deliveries. */
    private static class Counting extends TestMember {
        int deliveries;
        int ranges;

        Counting(String name, TestOwner owner) {
            super(name, owner);
        }

        @Override
        public void deliver(Batch batch) {
            deliveries++;
            ranges += batch.count();
            super.deliver(batch);
        }
    }

    private Counting member(String name) {
        return member(name, owner);
    }

    private Counting member(String name, TestOwner of) {
        return (Counting) new Counting(name, of).join(groups, "g");
    }

    /** Let the owner read these bytes from this member. */
    private void read(TestMember member, String text) {
        var bytes = text.getBytes(ISO_8859_1);
        read.put(filled, bytes);
        member.membership
                .deframer()
                .accept(turn.of(member.membership), filled, bytes.length, member.membership::publish);
        filled += bytes.length;
    }

    private void end() {
        for (boolean over = turn.end(); !over; over = turn.resume()) {
            assertThat(block.isReferred()).as("read into again").isFalse();
        }
        owner.turn();
        other.turn();
        block.recycle();
        assertThat(room.isReferred()).as("written into again").isFalse();
        room.recycle();
        filled = 0;
    }

    @Test
    void whoSentNothingGetsItAsOneRangeAndEachSenderWhatIsAroundItsOwn() {
        var a = member("a");
        var b = member("b");
        var silent = member("silent");
        var remote = member("remote", other);

        read(a, "A1");
        read(b, "B1");
        read(a, "A2");
        assertThat(silent.deliveries).as("nothing before the end").isZero();
        end();

        assertThat(silent.takenText()).isEqualTo("A1B1A2");
        assertThat(a.takenText()).isEqualTo("B1");
        assertThat(b.takenText()).isEqualTo("A1A2");
        assertThat(remote.takenText()).isEqualTo("A1B1A2");
        assertThat(List.of(silent.deliveries, silent.ranges)).containsOnly(1);
        assertThat(List.of(remote.deliveries, remote.ranges))
                .as("handed over once")
                .containsOnly(1);
    }

    @Test
    void aThousandSendersCostAThousandDeliveries() {
        var all = new ArrayList<Counting>();
        for (int i = 0; i < 1_000; i++) {
            all.add(member("m" + i));
        }
        all.forEach(member -> read(member, "x"));
        assertThat(turn.deliveries()).isZero();
        end();

        assertThat(all).allSatisfy(member -> {
            assertThat(member.taken.size()).isEqualTo(999);
            assertThat(member.deliveries).isEqualTo(1);
        });
    }

    /** {@return so many members that they are served in parts} */
    private List<Counting> manyMembers() {
        var all = new ArrayList<Counting>();
        for (int i = 0; i < 1_300; i++) {
            all.add(member("m" + i));
        }
        return all;
    }

    private static long given(List<Counting> members) {
        return members.stream().filter(member -> member.deliveries > 0).count();
    }

    @Test
    void manyMembersAreServedInParts() {
        var all = manyMembers();
        var remote = member("remote", other);
        read(all.get(0), "first");
        read(all.get(1_299), "last");

        assertThat(turn.end()).isFalse();
        long once = given(all);
        assertThat(once).isBetween(1L, 600L);
        read.put(0, new byte[9]); // the owner reads members of its other groups
        for (long parts = 2; !turn.resume(); parts++) {
            assertThat(given(all)).isEqualTo(parts * once);
        }
        owner.turn();
        other.turn();

        assertThat(all.get(0).takenText()).isEqualTo("last");
        assertThat(all.get(1_299).takenText()).isEqualTo("first");
        assertThat(all.subList(1, 1_299))
                .allSatisfy(member -> assertThat(member.takenText()).isEqualTo("firstlast"));
        assertThat(remote.takenText()).isEqualTo("firstlast");
        assertThat(remote.deliveries).isEqualTo(1);
    }

    @Test
    void whoLeavesBeforeItsPartHasComeGetsWhatWasReadBefore() {
        var all = manyMembers();
        read(all.get(0), "said");
        assertThat(turn.end()).isFalse();

        all.get(1_299).membership.leave(Reason.PEER_CLOSED);
        all.get(1).membership.leave(Reason.PEER_CLOSED);
        var late = member("late");

        end();
        assertThat(all.get(1_299).takenText()).isEqualTo("said");
        assertThat(all.subList(1, 1_299)).allSatisfy(member -> {
            assertThat(member.takenText()).isEqualTo("said");
            assertThat(member.deliveries).isEqualTo(1);
        });
        assertThat(late.takenText()).isEmpty();
    }

    @Test
    void whenAllHaveLeftNothingIsLeftToDo() {
        var all = manyMembers();
        read(all.get(0), "said");
        assertThat(turn.end()).isFalse();

        all.forEach(member -> member.membership.leave(Reason.PEER_CLOSED));

        assertThat(turn.resume()).isTrue();
        owner.turn();
        assertThat(all.subList(1, 1_300))
                .allSatisfy(member -> assertThat(member.takenText()).isEqualTo("said"));
        var a = member("a");
        var b = member("b");
        read(a, "anew");
        end();
        assertThat(b.takenText()).isEqualTo("anew");
    }

    @Test
    void whatAMemberPublishesOtherwiseComesBehindWhatWasReadOfIt() {
        var all = manyMembers();
        read(all.get(0), "1");
        assertThat(turn.end()).isFalse();

        all.get(0).publish("2");

        assertThat(turn.resume()).isTrue();
        owner.turn();
        assertThat(all.subList(1, 1_300))
                .allSatisfy(member -> assertThat(member.takenText()).isEqualTo("12"));
    }

    @Test
    void withoutMemoryForACopyAllAreServedAtOnce() {
        groups = new GroupRegistry(GroupRules.raw(WIDE), 0, memory, counters, System::nanoTime);
        var all = manyMembers();
        read(all.get(0), "said");

        assertThat(turn.end()).isTrue();
        assertThat(given(all)).isEqualTo(1_299);
    }

    @Test
    void whatIsPublishedFromOtherMemoryComesBehindWhatWasReadBefore() {
        var a = member("a");
        var b = member("b");

        read(a, "1");
        a.publish("2");
        read(a, "3");
        end();

        assertThat(b.takenText()).isEqualTo("123");
        assertThat(turn.deliveries()).as("begun anew").isZero();
    }

    @Test
    void deliveriesAreCountedWhereOnePassIsNotEnough() {
        var a = member("a");
        member("b");

        read(a, "1");
        a.publish("2");

        assertThat(turn.deliveries()).isEqualTo(4);
        end();
    }

    @Test
    void whoLeavesInTheMidstHasWhatWasReadBefore() {
        var a = member("a");
        var b = member("b");
        var c = member("c");

        read(a, "1");
        read(b, "2");
        b.membership.leave(Reason.PEER_CLOSED);
        read(c, "3");
        end();

        assertThat(b.takenText()).isEqualTo("1");
        assertThat(a.takenText()).isEqualTo("23");
        assertThat(c.takenText()).isEqualTo("12");
    }

    @Test
    void theLastThatLeavesIsHeardElsewhere() {
        var a = member("a");
        var remote = member("remote", other);

        read(a, "1");
        a.membership.leave(Reason.PEER_CLOSED);
        end();

        assertThat(remote.takenText()).isEqualTo("1");
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void whatIsLeftOutIsCountedForEach() {
        groups.close();
        var tight = new FlowLimits(10, 5, 1, Duration.ofSeconds(5));
        groups = groups(new GroupRules(Framing.LINE, 100, Duration.ofSeconds(30), SlowMember.DROP, tight, ""));
        var a = member("a");
        var full = member("full");
        full.room = 0;
        read(a, "0123456789\n");
        end();

        read(a, "1\n2\n");
        read(full, "x\ny\nz\n");
        read(a, "3\n");
        end();

        assertThat(a.takenText()).isEqualTo("x\ny\nz\n");
        assertThat(counters.get(Reason.MEMBER_FULL)).isEqualTo(3);
    }

    @Test
    void rangesThatAreApartArriveInOrder() {
        var random = new Random();
        long seed = random.nextLong();
        random.setSeed(seed);
        var all = new ArrayList<TestMember>();
        for (int i = 0; i < 20; i++) {
            all.add(member("m" + i, i % 5 == 0 ? other : owner));
        }
        var here = all.stream().filter(member -> member.owner == owner).toList();
        Map<TestMember, StringBuilder> expected = new HashMap<>();
        all.forEach(member -> expected.put(member, new StringBuilder()));
        for (int i = 0; i < 2_000; i++) {
            var sender = here.get(random.nextInt(here.size()));
            var text = sender.name + "." + i + " ";
            filled += random.nextInt(3) == 0 ? 1 : 0;
            read(sender, text);
            all.forEach(member -> expected.get(member).append(member == sender ? "" : text));
            if (random.nextInt(60) == 0) {
                end();
            }
        }
        end();

        for (var member : all) {
            assertThat(member.takenText())
                    .as("%s, seed %d", member.name, seed)
                    .isEqualTo(expected.get(member).toString());
        }
    }

    // --- members with an encoding

    /** A member that gets netstrings. */
    private static final class Coded extends Counting {
        Coded(String name, TestOwner owner) {
            super(name, owner);
        }

        @Override
        public Optional<Encoding> encoding() {
            return Optional.of(new NetstringCodec.Netstrings(""));
        }
    }

    private Coded coded(String name) {
        return (Coded) new Coded(name, owner).join(groups, "g");
    }

    /** Let this member's codec publish a message. */
    private void say(TestMember member, String text) {
        turn.publish(member.membership, ByteBuffer.wrap(text.getBytes(ISO_8859_1)), MessageKind.TEXT);
    }

    @Test
    void whatIsReadAfterAMemberWithAnEncodingHasLeftReachesTheOthers() {
        var a = member("a");
        var leaver = coded("leaver");
        var c = member("c");
        var stayer = coded("stayer");

        read(a, "1");
        leaver.membership.leave(Reason.PEER_CLOSED);
        read(c, "two");
        read(stayer, "3");
        end();

        assertThat(leaver.takenText()).isEqualTo("N1:1,");
        assertThat(stayer.takenText()).isEqualTo("N1:1,N3:two,");
        assertThat(a.takenText()).isEqualTo("two3");
    }

    @Test
    void whatACodecPublishesAfterAPlainMemberHasLeftReachesTheOthers() {
        useLines();
        var a = coded("a");
        var leaver = member("leaver");
        var c = coded("c");
        var stayer = member("stayer");

        say(a, "1");
        leaver.membership.leave(Reason.PEER_CLOSED);
        say(c, "two");
        end();

        assertThat(leaver.takenText()).isEqualTo("1\n");
        assertThat(stayer.takenText()).isEqualTo("1\ntwo\n");
        assertThat(a.takenText()).isEqualTo("T3:two,");
        assertThat(c.takenText()).isEqualTo("T1:1,");
    }

    private void useLines() {
        groups.close();
        groups = groups(new GroupRules(Framing.LINE, 100, Duration.ofSeconds(30), SlowMember.PACE, WIDE, ""));
    }

    @Test
    void whoeverLeavesWhenCodedAndPlainMembersAreReadTogetherNothingIsLost() {
        useLines();
        long seed = System.nanoTime();
        var random = new Random(seed);
        var present = new ArrayList<TestMember>();
        Map<TestMember, StringBuilder> expected = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            while (present.size() < 4 || random.nextInt(20) == 0) {
                end(); // a member that joins in the midst of a turn gets all of the turn
                var joined = random.nextBoolean() ? coded("m" + i) : member("m" + i);
                present.add(joined);
                expected.put(joined, new StringBuilder());
            }
            var sender = present.get(random.nextInt(present.size()));
            var text = sender.name + "." + i;
            if (sender instanceof Coded) {
                say(sender, text);
            } else {
                read(sender, text + "\n");
            }
            char kind = sender instanceof Coded ? 'T' : 'N';
            for (var other : present) {
                if (other != sender) {
                    expected.get(other).append(other instanceof Coded ? NetstringCodec.frame(kind, text) : text + "\n");
                }
            }
            switch (random.nextInt(20)) {
                case 0, 1 ->
                    present.remove(random.nextInt(present.size())).membership.leave(Reason.PEER_CLOSED);
                case 2 -> end();
                default -> {
                    // The owner reads on.
                }
            }
        }
        end();

        expected.forEach((member, texts) -> assertThat(member.takenText())
                .as("%s, seed %d", member.name, seed)
                .isEqualTo(texts.toString()));
    }

    @Test
    void aSenderGetsNothingOfATurnThatItsEncodingCannotCarry() {
        var all = manyMembers();
        var sender = coded("sender");
        read(all.get(0), "!no");
        read(sender, "!no");
        end();

        assertThat(sender.takenText()).isEmpty();
        assertThat(all.get(0).takenText()).isEqualTo("!no");
        assertThat(all.get(1).takenText()).isEqualTo("!no!no");
    }

    // --- members that fail

    /** A member that fails at a delivery, and closes others when it is closed. */
    private static final class Faulty extends TestMember {
        private final List<TestMember> twins;

        Faulty(TestOwner owner, List<TestMember> twins) {
            super("faulty", owner);
            this.twins = twins;
        }

        @Override
        public void deliver(Batch batch) {
            throw new IllegalStateException("a test");
        }

        @Override
        public void close(Reason reason) {
            super.close(reason);
            twins.forEach(twin -> twin.close(reason));
        }
    }

    @Test
    void aMemberThatTakesOthersWithItCostsNobodyElseAnything() {
        for (int before = 0; before <= 5; before++) {
            var innocent = new ArrayList<TestMember>();
            var twins = new ArrayList<TestMember>();
            for (int i = 0; i < before; i++) {
                innocent.add(member("i" + i));
            }
            twins.add(member("twin1"));
            new Faulty(owner, twins).join(groups, "g");
            innocent.add(member("between"));
            twins.add(member("twin2"));
            innocent.add(member("last"));
            var sender = member("sender");

            sender.publish("once ");
            sender.publish("again");
            owner.turn();

            assertThat(innocent)
                    .allSatisfy(member -> assertThat(member.takenText()).isEqualTo("once again"));
            assertThat(twins).allSatisfy(twin -> assertThat(twin.closedFor).isEqualTo(Reason.INTERNAL_ERROR));
            innocent.forEach(member -> member.close(Reason.STOPPED));
            sender.close(Reason.STOPPED);
        }
    }
}
