package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Decides about the peers of endpoints in the contracts. After {@code JOIN group}, the peer is admitted. After {@code ASK group},
 * the handshake sends the challenge {@code WHO}, and the peer must send {@code ME}. A line feed ends each of these. Every other
 * message is rejected. The argument of a datagram is empty.
 */
final class ScriptedHandshake implements Handshake {
    static final String JOIN = "JOIN ";
    static final String ASK = "ASK ";
    static final String QUESTION = "WHO\n";
    static final String ANSWER = "ME\n";

    @Override
    public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
        if (arrival == Arrival.NONE) {
            return new NeedMore();
        }
        var text = StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
        int feed = text.indexOf('\n');
        if (arrival == Arrival.DATAGRAM) {
            return text.startsWith(JOIN) ? new Admitted("", bytes.remaining()) : new Rejected(Reason.NOT_ADMITTED);
        }
        if (feed < 0) {
            return beginsLike(text, JOIN) || beginsLike(text, ASK) ? new NeedMore() : new Rejected(Reason.NOT_ADMITTED);
        }
        if (text.startsWith(JOIN)) {
            return admitted(text, JOIN.length(), feed, feed + 1);
        }
        return text.startsWith(ASK) ? asked(text, feed) : new Rejected(Reason.NOT_ADMITTED);
    }

    private static Outcome asked(String text, int feed) {
        var rest = text.substring(feed + 1);
        if (rest.isEmpty()) {
            return new Challenge(StandardCharsets.UTF_8.encode(QUESTION));
        }
        if (rest.startsWith(ANSWER)) {
            return admitted(text, ASK.length(), feed, feed + 1 + ANSWER.length());
        }
        return beginsLike(rest, ANSWER) ? new NeedMore() : new Rejected(Reason.NOT_ADMITTED);
    }

    private static Outcome admitted(String text, int from, int to, int consumed) {
        var name = new String(text.substring(from, to).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return name.isEmpty() ? new Rejected(Reason.BAD_GROUP_ID) : new Admitted(name, consumed);
    }

    private static boolean beginsLike(String text, String word) {
        return text.startsWith(word) || word.startsWith(text);
    }
}
