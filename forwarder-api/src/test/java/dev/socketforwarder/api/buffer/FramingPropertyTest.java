package dev.socketforwarder.api.buffer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.buffer.FramingCheck.Kind;
import dev.socketforwarder.api.buffer.FramingCheck.Piece;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests framings with random messages and random reads. A failure names its seed; add the seed to {@link #seeds}. */
class FramingPropertyTest {
    private static final int CASES_OF_A_SEED = 50;
    /** Only a few different bytes, so that delimiters and their beginnings occur everywhere. */
    private static final byte[] DENSE = {'a', 'b', '|', '\r', '\n', 0};

    static LongStream seeds() {
        return new Random().longs(20);
    }

    private static Kind kind(Random random) {
        return Kind.values()[random.nextInt(Kind.values().length)];
    }

    private static byte[] message(Random random) {
        if (random.nextInt(31) == 0) {
            var large = new byte[random.nextInt(100_001)];
            Arrays.fill(large, (byte) 'a');
            return large;
        }
        var small = new byte[random.nextInt(13)];
        for (int i = 0; i < small.length; i++) {
            small[i] = DENSE[random.nextInt(DENSE.length)];
        }
        return small;
    }

    private static List<byte[]> messages(Random random) {
        return Stream.generate(() -> message(random)).limit(random.nextInt(13)).toList();
    }

    private static List<Integer> sizes(Random random, int most, int smallest, int largest) {
        return random.ints(random.nextInt(most + 1), smallest, largest + 1)
                .boxed()
                .toList();
    }

    /** Tests random bytes: frames that are too short or too long, and bytes without any frame. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void anyStreamComesOutWholeMessageByMessage(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < CASES_OF_A_SEED; i++) {
            var giveUps = IntStream.range(0, random.nextInt(11))
                    .mapToObj(_ -> random.nextBoolean())
                    .toList();
            var pieces = pieces(message(random), sizes(random, 10, 0, 12), giveUps);
            FramingCheck.check(kind(random), random.nextInt(21), pieces);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void messagesInFramesComeOutAsTheyWereWhereverTheyAreCut(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < CASES_OF_A_SEED; i++) {
            var kind = kind(random);
            var stream = new ByteArrayOutputStream();
            for (var message : messages(random)) {
                if (fits(kind, message)) {
                    stream.writeBytes(kind.framed(message));
                }
            }
            var cuts = sizes(random, 40, 1, random.nextBoolean() ? 12 : 70_000);
            FramingCheck.check(kind, Integer.MAX_VALUE, pieces(stream.toByteArray(), cuts, List.of()));
        }
    }

    /** Tests a short stream in single bytes, and split in two at each position. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everySplitIsTheSame(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < CASES_OF_A_SEED / 5; i++) {
            var kind = kind(random);
            var out = new ByteArrayOutputStream();
            for (var message : messages(random)) {
                if (message.length <= 12) {
                    out.writeBytes(kind.framed(message));
                }
            }
            var stream = out.toByteArray();
            for (int cut = 0; cut <= stream.length; cut++) {
                FramingCheck.check(kind, 12, pieces(stream, List.of(cut), List.of()));
            }
            FramingCheck.check(kind, 12, pieces(stream, Collections.nCopies(stream.length, 1), List.of()));
        }
    }

    /** Tests that a framed message is one message again without its frame, and that a message that cannot be framed is reported. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aFrameFitsExactlyWhatComesOutOfItAlone(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < CASES_OF_A_SEED; i++) {
            var kind = kind(random);
            var message = message(random);
            var padded = ByteBuffer.allocateDirect(message.length + 3).put(3, message);
            assertThat(kind.framing.fits(padded, 3, message.length)).isEqualTo(fits(kind, message));
        }
    }

    private static boolean fits(Kind kind, byte[] message) {
        if (kind.header() > 0) {
            return message.length < 1L << 8 * kind.header();
        }
        var framed = new String(kind.framed(message), ISO_8859_1);
        var delimiter = new String(kind.delimiter, ISO_8859_1);
        return framed.indexOf(delimiter) == message.length;
    }

    /** {@return the stream in pieces of these sizes, with the rest as the last piece} */
    private static List<Piece> pieces(byte[] stream, List<Integer> sizes, List<Boolean> giveUps) {
        var pieces = new ArrayList<Piece>();
        int at = 0;
        for (int i = 0; at < stream.length; i++) {
            int most = Math.min(stream.length - at, FramingCheck.LARGEST_PIECE);
            int n = i < sizes.size() ? Math.min(sizes.get(i), most) : most;
            pieces.add(new Piece(Arrays.copyOfRange(stream, at, at + n), i < giveUps.size() && giveUps.get(i)));
            at += n;
        }
        return pieces;
    }
}
