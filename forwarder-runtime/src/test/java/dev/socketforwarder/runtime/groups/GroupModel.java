package dev.socketforwarder.runtime.groups;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.groups.ModelMember.Fate;
import dev.socketforwarder.runtime.groups.ModelMember.Sent;
import dev.socketforwarder.runtime.groups.ModelMember.Side;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.DatagramMember;
import dev.socketforwarder.runtime.testing.TestFraming;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Two groups with two owners, on which random actions run, and a model of the right results. */
final class GroupModel {
    /** What one side will get in its owner's next turn. */
    private record Transit(Side to, List<Sent> messages) {}

    /** Larger than the space left in the read block. */
    private static final int LARGE = 70_000;

    private static final int LARGEST_DATAGRAM = 65_507;
    private static final int MOST_READ = 150_000;
    private static final List<Framing> FRAMINGS = List.of(
            Framing.RAW,
            Framing.LINE,
            Framing.delimiter("aab".getBytes(ISO_8859_1)),
            Framing.lengthPrefixed(2, ByteOrder.BIG_ENDIAN),
            Framing.lengthPrefixed(4, ByteOrder.LITTLE_ENDIAN));

    final Random random;
    final GroupRules rules;
    final GroupRegistry groups;
    private final Counters counters = new Counters();
    private final QueueMemory memory = new QueueMemory(Long.MAX_VALUE / 2, _ -> {});
    private final List<TestOwner> owners = List.of(new TestOwner(), new TestOwner());
    private final List<Side> sides = new ArrayList<>();
    private final List<Transit> transits = new ArrayList<>();
    private final Framing wire;
    private int joined;
    private int said;
    private long incomplete;
    private long leftOut;
    private long unframeable;

    GroupModel(Random random) {
        this.random = random;
        this.rules = rules(random);
        // Raw bytes have no messages; the members use a framing that the group does not know.
        this.wire = rules.framing().isFramed() ? rules.framing() : FRAMINGS.get(3);
        this.groups = new GroupRegistry(rules, Long.MAX_VALUE / 2, memory, counters, System::nanoTime);
    }

    private static GroupRules rules(Random random) {
        var framing = FRAMINGS.get(random.nextInt(FRAMINGS.size()));
        var policies =
                framing.isFramed() ? SlowMember.values() : new SlowMember[] {SlowMember.PACE, SlowMember.DISCONNECT};
        var flow = new FlowLimits(2_000, 1_000, 1, Duration.ofHours(1));
        return new GroupRules(
                framing,
                100_000,
                Duration.ofHours(1),
                policies[random.nextInt(policies.length)],
                flow,
                framing.isFramed() ? (char) ModelMember.NOTICE + GroupRules.MISSED : "");
    }

    void step() {
        var all = all();
        int action = random.nextInt(100);
        if (all.size() < 3 || action < 4 && all.size() < 16) {
            join();
        } else if (action < 7) {
            leave(any(all));
        } else if (action < 20) {
            take(any(all), random.nextInt(3) == 0 ? Long.MAX_VALUE : random.nextInt(1_500));
        } else if (action < 23) {
            any(all).member.room = 0;
        } else if (action < 75) {
            say(any(all));
        } else if (action < 97) {
            turn(random.nextInt(owners.size()));
        } else {
            settle();
            checkPauses();
        }
    }

    private List<ModelMember> all() {
        return sides.stream().flatMap(side -> side.members().stream()).toList();
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private void join() {
        int group = random.nextInt(2);
        int owner = random.nextInt(owners.size());
        var side = sides.stream()
                .filter(each -> each.group() == group && each.owner() == owner)
                .findFirst()
                .orElseGet(() -> {
                    var fresh = new Side(group, owner, new ArrayList<>());
                    sides.add(fresh);
                    return fresh;
                });
        var name = "m" + joined++;
        var member = random.nextInt(5) == 0
                ? new DatagramMember(name, owners.get(owner), LARGEST_DATAGRAM)
                : new TestMember(name, owners.get(owner));
        member.room = random.nextInt(2) * Long.MAX_VALUE;
        member.join(groups, "g" + group);
        side.members().add(new ModelMember(side, member, rules.framing().isFramed(), wire));
    }

    /** Leave in an orderly way, with the queue flushed afterwards, or at once without a flush. */
    private void leave(ModelMember who) {
        boolean flushes = random.nextBoolean();
        if (flushes) {
            who.member.membership.leave(Reason.PEER_CLOSED);
            who.member.room = Long.MAX_VALUE;
            who.member.flush();
        } else {
            who.member.close(Reason.PEER_CLOSED);
        }
        gone(who);
        leftOut += who.check(flushes ? Fate.LEFT : Fate.CLOSED);
    }

    private void gone(ModelMember who) {
        incomplete += who.unfinished.length > 0 ? 1 : 0;
        who.side.members().remove(who);
        if (who.side.members().isEmpty()) {
            sides.remove(who.side);
        }
    }

    private void take(ModelMember who, long bytes) {
        who.member.room = bytes;
        who.member.flush();
    }

    private void say(ModelMember who) {
        if (who.takesMessages) {
            sayMessages(who);
        } else if (!who.member.paused) { // a paused member is not read
            sayStream(who);
        }
    }

    private void sayMessages(ModelMember who) {
        if (!transits.isEmpty()) {
            return; // messages left out for an owner that does not keep up are counted for all its members at once
        }
        var bare = new ArrayList<byte[]>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            bare.add(message(300));
        }
        publishes(who, bare, true);
        var datagrams = bare.stream()
                .map(each -> rules.framing().isFramed() ? each : TestFraming.framed(each, wire))
                .toArray(byte[][]::new);
        who.member.publish(datagrams);
    }

    private void sayStream(ModelMember who) {
        var stream = new ByteArrayOutputStream();
        var messages = new ArrayList<byte[]>();
        var ends = new ArrayList<Integer>();
        if (who.unfinished.length > 0) {
            stream.writeBytes(who.unsaid);
            messages.add(who.unfinished);
            ends.add(stream.size());
        }
        for (int i = random.nextInt(4); i > 0 || messages.isEmpty(); i--) {
            messages.add(message(random.nextInt(20) == 0 ? Math.min(wire.largestMessage(), LARGE) - 20 : 300));
            stream.writeBytes(TestFraming.framed(messages.getLast(), wire));
            ends.add(stream.size());
        }
        int read = stream.size();
        if (rules.framing().isFramed()) {
            read = Math.min(random.nextBoolean() ? read : 1 + random.nextInt(read), MOST_READ);
        }
        int end = read;
        int whole = (int) ends.stream().filter(each -> each <= end).count();
        publishes(who, messages.subList(0, whole), rules.slowMember() == SlowMember.DROP);
        int lastEnd = whole == 0 ? 0 : ends.get(whole - 1);
        // The member never finishes this message.
        boolean isUnfinished = read > lastEnd;
        who.unfinished = isUnfinished ? messages.get(whole) : new byte[0];
        who.unsaid = isUnfinished ? Arrays.copyOfRange(stream.toByteArray(), read, ends.get(whole)) : new byte[0];
        assertThat(owners.get(who.side.owner()).receive(who.member, stream.toByteArray(), 0, read))
                .isTrue();
    }

    /** Make a unique message that is no notice and fits all framings. */
    private byte[] message(int most) {
        var text = new StringBuilder().append(said++).append(' ');
        for (int i = random.nextInt(most); i > 0; i--) {
            text.append(random.nextInt(3) == 0 ? 'x' : 'a');
        }
        return text.append('.').toString().getBytes(ISO_8859_1);
    }

    private void publishes(ModelMember who, List<byte[]> bare, boolean mayBeLeftOut) {
        var sent = bare.stream().map(each -> new Sent(each, mayBeLeftOut)).toList();
        for (var side : sides) {
            if (side == who.side) {
                side.members().stream().filter(each -> each != who).forEach(each -> mustGet(each, sent));
            } else if (side.group() == who.side.group()) {
                transits.add(new Transit(side, sent));
            }
        }
    }

    private void mustGet(ModelMember who, List<Sent> messages) {
        for (var each : messages) {
            if (who.takesMessages && rules.framing().isFramed() && each.bare().length > LARGEST_DATAGRAM) {
                unframeable++;
            } else {
                who.expected.add(each);
            }
        }
    }

    private void turn(int owner) {
        for (var transit : List.copyOf(transits)) {
            if (transit.to.owner() == owner) {
                transit.to.members().forEach(each -> mustGet(each, transit.messages));
                transits.remove(transit);
            }
        }
        owners.get(owner).turn();
        for (var each : all()) {
            if (each.member.closedFor != null) {
                assertThat(each.member.closedFor).isEqualTo(Reason.TOO_SLOW);
                assertThat(rules.slowMember()).isEqualTo(SlowMember.DISCONNECT);
                gone(each);
                leftOut += each.check(Fate.CLOSED);
            }
        }
    }

    private void settle() {
        for (int i = 0; i < 3; i++) {
            for (int owner = 0; owner < owners.size(); owner++) {
                turn(owner);
            }
        }
    }

    /** Check that exactly those members are paused that have another full member in their group. */
    private void checkPauses() {
        for (var each : all()) {
            boolean waits = rules.slowMember() == SlowMember.PACE
                    && all().stream()
                            .anyMatch(other -> other != each
                                    && other.side.group() == each.side.group()
                                    && other.member.membership.queue().isFull());
            assertThat(each.member.paused).as("%s waits", each.member.name).isEqualTo(waits);
        }
    }

    void end() {
        settle();
        for (int round = 0; round < 3; round++) {
            all().forEach(each -> take(each, Long.MAX_VALUE));
            settle();
        }
        checkPauses();
        for (var each : all()) {
            leftOut += each.check(Fate.STAYED);
            each.member.membership.leave(Reason.PEER_CLOSED);
            gone(each);
        }
        settle();
        assertThat(groups.size()).isZero();
        assertThat(memory.heldBytes()).isZero();
        assertThat(counters.get(Reason.MESSAGE_INCOMPLETE)).isEqualTo(incomplete);
        assertThat(counters.get(Reason.OWNER_FULL)).isZero();
        assertThat(counters.get(Reason.UNFRAMEABLE)).isEqualTo(unframeable);
        assertThat(counters.get(Reason.MEMBER_FULL)).isGreaterThanOrEqualTo(leftOut);
    }
}
