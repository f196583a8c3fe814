package dev.socketforwarder.runtime.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Checks how the policy {@code prefix} decides about a first message that arrives in any reads. The expected decision is computed
 * by the simplest means. For property tests and for fuzzing.
 */
public final class FirstMessageCheck {
    public static final byte[] PREFIX = PrefixHandshake.DEFAULT_PREFIX.getBytes(UTF_8);

    private static final Peer PEER =
            new Peer("tcp", new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2));
    private static final Outcome NEED_MORE = new NeedMore();
    private static final Outcome WRONG_PREFIX = new Declined(Reason.WRONG_PREFIX);
    private static final Outcome BAD_ID = new Rejected(Reason.BAD_GROUP_ID);
    private static final Handshake AUTO = make("");
    private static final Handshake LINE = make("first-message: line");

    private FirstMessageCheck() {}

    private static Handshake make(String yaml) {
        return new PrefixHandshake().create(Fakes.yaml(yaml).endpoint("tcp"));
    }

    /** Ask with a read-only buffer whose bytes do not begin at position 0, as a transport may do. */
    public static Outcome consider(Handshake handshake, byte[] bytes, int length, Arrival arrival) {
        var buffer = ByteBuffer.allocateDirect(length + 7);
        buffer.position(3).put(bytes, 0, length).position(3).limit(3 + length);
        var outcome = handshake.consider(PEER, buffer.asReadOnlyBuffer(), arrival);
        return outcome instanceof Declined(var reason, var _) ? new Declined(reason) : outcome; // whatever is expected
    }

    /** {@return the outcome of a stream whose reads end at these positions, and at the end of the stream} */
    public static Outcome inReads(Handshake handshake, byte[] stream, List<Integer> ends) {
        var outcome = consider(handshake, stream, 0, Arrival.NONE);
        int soFar = 0;
        for (int i = 0; i <= ends.size() && outcome.equals(NEED_MORE); i++) {
            int end = i < ends.size() ? Math.min(ends.get(i), stream.length) : stream.length;
            if (end > soFar) {
                outcome = consider(handshake, stream, end, soFar == 0 ? Arrival.FIRST_READ : Arrival.MORE);
                soFar = end;
            }
        }
        return outcome;
    }

    /** Assert that a stream whose reads end at these positions has the expected outcome. */
    public static void checkStream(byte[] stream, List<Integer> ends) {
        var line = ofLine(stream);
        assertThat(inReads(LINE, stream, ends)).as("line").isEqualTo(line);
        int first = ends.stream()
                .map(end -> Math.min(end, stream.length))
                .filter(end -> end > 0)
                .findFirst()
                .orElse(stream.length);
        assertThat(inReads(AUTO, stream, ends))
                .as("auto")
                .isEqualTo(ofFirstRead(Arrays.copyOf(stream, first)).orElse(line));
    }

    public static void checkDatagram(byte[] datagram) {
        var expected = WRONG_PREFIX;
        if (startsWithPrefix(datagram)) {
            int end = datagram.length;
            if (end > PREFIX.length && datagram[end - 1] == '\n') {
                end = withoutReturn(datagram, end - 1);
            }
            expected = admitted(datagram, end, datagram.length);
        }
        assertThat(consider(AUTO, datagram, datagram.length, Arrival.DATAGRAM)).isEqualTo(expected);
        assertThat(consider(LINE, datagram, datagram.length, Arrival.DATAGRAM)).isEqualTo(expected);
    }

    private static Outcome ofLine(byte[] stream) {
        for (int i = 0; i < Math.min(PREFIX.length, stream.length); i++) {
            if (stream[i] != PREFIX[i]) {
                return WRONG_PREFIX;
            }
        }
        int feed = PREFIX.length;
        while (feed < stream.length && stream[feed] != '\n') {
            feed++;
        }
        if (feed >= stream.length) {
            return NEED_MORE;
        }
        int end = withoutReturn(stream, feed);
        return end == PREFIX.length ? BAD_ID : admitted(stream, end, feed + 1);
    }

    /** {@return the decision about a first read without a line feed; empty if it needs more bytes} */
    private static Optional<Outcome> ofFirstRead(byte[] read) {
        boolean mayDecide = startsWithPrefix(read)
                && read.length > PREFIX.length
                && indexOfFeed(read) < 0
                && read[read.length - 1] != '\r'
                && !endsInsideCharacter(read);
        return mayDecide ? Optional.of(admitted(read, read.length, read.length)) : Optional.empty();
    }

    private static boolean startsWithPrefix(byte[] bytes) {
        return bytes.length >= PREFIX.length && Arrays.equals(bytes, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
    }

    private static int indexOfFeed(byte[] bytes) {
        return new String(bytes, ISO_8859_1).indexOf('\n', PREFIX.length);
    }

    private static int withoutReturn(byte[] bytes, int feed) {
        return feed > PREFIX.length && bytes[feed - 1] == '\r' ? feed - 1 : feed;
    }

    private static Outcome admitted(byte[] bytes, int end, int consumed) {
        return decoded(Arrays.copyOfRange(bytes, PREFIX.length, end))
                .<Outcome>map(id -> new Admitted(id, consumed))
                .orElse(BAD_ID);
    }

    private static Optional<String> decoded(byte[] bytes) {
        try {
            return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    /** {@return whether the bytes are not valid text, but further bytes could make them valid} */
    private static boolean endsInsideCharacter(byte[] read) {
        var rest = Arrays.copyOfRange(read, PREFIX.length, read.length);
        if (decoded(rest).isPresent()) {
            return false;
        }
        // Java reports half of a surrogate pair, which is never valid, only at its last byte.
        if (rest.length >= 2 && (rest[rest.length - 2] & 0xff) == 0xed && (rest[rest.length - 1] & 0xe0) == 0xa0) {
            return decoded(Arrays.copyOf(rest, rest.length - 2)).isPresent();
        }
        // After each first byte, one of these three is a valid second byte; 0x80 is a valid third and fourth byte.
        for (int more = 1; more <= 3; more++) {
            for (int next : new int[] {0x80, 0x90, 0xa0}) {
                var longer = Arrays.copyOf(rest, rest.length + more);
                Arrays.fill(longer, rest.length, longer.length, (byte) 0x80);
                longer[rest.length] = (byte) next;
                if (decoded(longer).isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }
}
