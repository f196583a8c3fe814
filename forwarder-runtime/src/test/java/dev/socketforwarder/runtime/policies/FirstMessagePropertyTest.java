package dev.socketforwarder.runtime.policies;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.socketforwarder.runtime.testing.FirstMessageCheck;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests random first messages, with reads that end anywhere. A failure names its seed; add it to {@link #seeds}. */
class FirstMessagePropertyTest {
    private static final int CASES_OF_A_SEED = 50;
    private static final List<String> PARTS = List.of("a", "\n", "\r", "\r\n", "é", "€", "\ud83d\ude00", "\0", ":");

    static LongStream seeds() {
        return new Random().longs(20);
    }

    /** Make a stream, mostly the prefix followed by text, bytes that are no text, line ends, and data. */
    private static byte[] stream(Random random) {
        var out = new ByteArrayOutputStream();
        int length = random.nextInt(4 * FirstMessageCheck.PREFIX.length);
        out.write(FirstMessageCheck.PREFIX, 0, Math.min(length, FirstMessageCheck.PREFIX.length));
        for (int parts = random.nextInt(9); parts > 0; parts--) {
            if (random.nextBoolean()) {
                out.writeBytes(PARTS.get(random.nextInt(PARTS.size())).getBytes(UTF_8));
            } else {
                out.write(random.nextInt(256));
            }
        }
        return out.toByteArray();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everySplitInTwoAndInThreeIsTheSame(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < CASES_OF_A_SEED / 5; i++) { // each with some hundred splits
            var stream = stream(random);
            for (int a = 0; a <= stream.length; a++) {
                for (int b = a; b <= stream.length; b++) {
                    FirstMessageCheck.checkStream(stream, List.of(a, b));
                }
            }
            FirstMessageCheck.checkStream(
                    stream, IntStream.rangeClosed(1, stream.length).boxed().toList());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void readsOfAnySizesAreTheSame(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < CASES_OF_A_SEED; i++) {
            var ends = random.ints(random.nextInt(13), 0, 41).sorted().boxed().toList();
            FirstMessageCheck.checkStream(stream(random), ends);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aDatagramIsWhole(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < CASES_OF_A_SEED; i++) {
            FirstMessageCheck.checkDatagram(stream(random));
        }
    }
}
