package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The policy {@code prefix}: expects a first message {@code <new-client-prefix><argument>}, ended by a line feed.
 *
 * <p>A stream may omit the line feed if its first read holds the prefix and the argument, as programs written for the
 * first version send them. A datagram is always whole, and its argument may be empty.
 */
public final class PrefixHandshake implements HandshakePolicy {
    public static final String NAME = "prefix";

    public static final String DEFAULT_PREFIX = "SOCKETFORWARDER-NEW:";

    /** The possible ends of a stream's first message. */
    public enum FirstMessage {
        /** A line feed, or else the end of the first read. */
        AUTO,
        /** A line feed only. */
        LINE
    }

    /** Make the policy; for {@link java.util.ServiceLoader}. */
    public PrefixHandshake() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Handshake create(Settings settings) {
        return new Reader(Prefix.read(settings, ""), settings.choice("first-message", FirstMessage.AUTO));
    }

    private record Reader(Prefix prefix, FirstMessage firstMessage) implements Handshake {
        private static final Outcome NEED_MORE = new NeedMore();
        private static final Outcome BAD_ARGUMENT = new Rejected(Reason.BAD_GROUP_ID);

        @Override
        public int shortestMessage() {
            return prefix.length() + (firstMessage == FirstMessage.LINE ? 2 : 1);
        }

        @Override
        public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
            return prefix.answer(bytes, arrival)
                    .orElseGet(() -> arrival == Arrival.DATAGRAM ? ofDatagram(bytes) : ofStream(bytes, arrival));
        }

        private Outcome ofDatagram(ByteBuffer bytes) {
            int start = bytes.position() + prefix.length();
            int end = bytes.limit();
            if (end > start && bytes.get(end - 1) == '\n') {
                end = withoutReturn(bytes, start, end - 1);
            }
            return admitted(bytes, start, end, bytes.remaining());
        }

        private Outcome ofStream(ByteBuffer bytes, Arrival arrival) {
            int start = bytes.position() + prefix.length();
            for (int i = start; i < bytes.limit(); i++) {
                if (bytes.get(i) == '\n') {
                    int end = withoutReturn(bytes, start, i);
                    return end == start ? BAD_ARGUMENT : admitted(bytes, start, end, i + 1 - bytes.position());
                }
            }
            boolean isWhole = firstMessage == FirstMessage.AUTO
                    && arrival == Arrival.FIRST_READ
                    && bytes.limit() > start
                    && bytes.get(bytes.limit() - 1) != '\r'; // its line feed is still on the way
            if (!isWhole || endsInsideCharacter(bytes, start)) {
                return NEED_MORE;
            }
            return admitted(bytes, start, bytes.limit(), bytes.remaining());
        }

        private static int withoutReturn(ByteBuffer bytes, int start, int end) {
            return end > start && bytes.get(end - 1) == '\r' ? end - 1 : end;
        }

        private static Outcome admitted(ByteBuffer bytes, int start, int end, int consumed) {
            var argument = CharBuffer.allocate(end - start);
            var decoder = StandardCharsets.UTF_8.newDecoder();
            var result = decoder.decode(bytes.slice(start, end - start), argument, true);
            return result.isError()
                    ? BAD_ARGUMENT
                    : new Admitted(argument.flip().toString(), consumed);
        }

        /** {@return whether the last character is incomplete, so that the rest of the group id is still on the way} */
        private static boolean endsInsideCharacter(ByteBuffer bytes, int start) {
            var rest = bytes.slice(start, bytes.limit() - start);
            var decoder = StandardCharsets.UTF_8.newDecoder();
            var result = decoder.decode(rest, CharBuffer.allocate(rest.remaining()), false);
            return result.isUnderflow() && rest.hasRemaining();
        }
    }
}
