package dev.socketforwarder.runtime.groups;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.testing.DatagramMember;
import dev.socketforwarder.runtime.testing.TestFraming;
import dev.socketforwarder.runtime.testing.TestMember;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A member in a {@link GroupModel}, with the message that it has begun and the messages that it must get. */
final class ModelMember {
    /** The first byte of a notice of missed messages. */
    static final byte NOTICE = '!';

    /** The ways in which a member can end. */
    enum Fate {
        /** It was closed at once, and got the beginning of what it should get. */
        CLOSED,
        /** It left and was flushed; the last messages left out for it were not reported to it. */
        LEFT,
        /** It stayed until all was quiet. */
        STAYED
    }

    /** A message on its way to one member. */
    record Sent(byte[] bare, boolean mayBeLeftOut) {}

    /** The members of one group with one owner. */
    record Side(int group, int owner, List<ModelMember> members) {}

    final Side side;
    final TestMember member;
    final boolean takesMessages;
    final List<Sent> expected = new ArrayList<>();
    byte[] unfinished = {};
    byte[] unsaid = {};
    private final boolean isTold;
    private final Framing wire;
    private int at;
    private int leftOut;

    ModelMember(Side side, TestMember member, boolean isTold, Framing wire) {
        this.side = side;
        this.member = member;
        this.takesMessages = member instanceof DatagramMember;
        this.isTold = isTold;
        this.wire = wire;
    }

    /**
     * Compare everything it got with what it should have got, once.
     *
     * @return how many messages were left out for it
     */
    int check(Fate fate) {
        for (var got : received(fate)) {
            if (isTold && got[0] == NOTICE) {
                leaveOut(Integer.parseInt(new String(got, 1, got.length - 1, ISO_8859_1)));
                continue;
            }
            if (!isTold) {
                leaveOut(unlike(got));
            }
            assertThat(at).as("messages for %s", member.name).isLessThan(expected.size());
            assertThat(Arrays.equals(got, expected.get(at).bare))
                    .as("what %s gets is message %d for it", member.name, at)
                    .isTrue();
            at++;
        }
        if (fate == Fate.LEFT || fate == Fate.STAYED && !isTold) {
            leaveOut(expected.size() - at);
        }
        if (fate != Fate.CLOSED) {
            assertThat(at).as("messages that %s got", member.name).isEqualTo(expected.size());
        }
        return leftOut;
    }

    private void leaveOut(int count) {
        for (int i = at; i < at + count; i++) {
            assertThat(expected.get(i).mayBeLeftOut)
                    .as("%s may miss message %d", member.name, i)
                    .isTrue();
        }
        at += count;
        leftOut += count;
    }

    /** {@return how many of the next messages that may be left out differ from this one} */
    private int unlike(byte[] got) {
        int i = at;
        while (i < expected.size() && expected.get(i).mayBeLeftOut && !Arrays.equals(expected.get(i).bare, got)) {
            i++;
        }
        return i - at;
    }

    /** {@return the messages that it got, bare} */
    private List<byte[]> received(Fate fate) {
        if (takesMessages && isTold) {
            return ((DatagramMember) member).messages;
        }
        var stream = member.taken;
        if (takesMessages) {
            ((DatagramMember) member).messages.forEach(stream::writeBytes);
        }
        var messages = TestFraming.split(stream.toByteArray(), wire);
        int frame = wire.header() + wire.trailer();
        int bytes = messages.stream().mapToInt(each -> frame + each.length).sum();
        if (fate != Fate.CLOSED) {
            assertThat(bytes).as("bytes of whole messages").isEqualTo(stream.size());
        }
        return messages;
    }
}
