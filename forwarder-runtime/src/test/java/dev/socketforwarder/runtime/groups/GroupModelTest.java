package dev.socketforwarder.runtime.groups;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares thousands of random joins, sends, stalls and leaves, in two groups whose members have two owners, with a
 * simple model of what each member must receive.
 */
@Timeout(120)
class GroupModelTest {
    private static final int STEPS = 3_000;

    static LongStream seeds() {
        return LongStream.concat(LongStream.rangeClosed(1, 20), new Random().longs(10));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyMemberGetsWhatTheModelSays(long seed) {
        var model = new GroupModel(new Random(seed));
        try {
            for (int step = 0; step < STEPS; step++) {
                model.step();
            }
            model.end();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ", " + model.rules, e);
        } finally {
            model.groups.close();
        }
    }
}
