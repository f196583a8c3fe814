package dev.socketforwarder.runtime.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.kit.Glob;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests the look-up of a group's name among names and patterns. */
class GlobIndexTest {

    private static GlobIndex index(String... patterns) {
        return new GlobIndex(IntStream.range(0, patterns.length)
                .mapToObj(i -> List.of(new Glob(patterns[i])))
                .toList());
    }

    @Test
    void theFirstThatMatchesHoldsWhateverItsKind() {
        var index = index("sensor-*-hot", "sensor-1", "*1", "*", "sensor-1");

        assertThat(index.first("sensor-9-hot")).isZero();
        assertThat(index.first("sensor-1")).isEqualTo(1);
        assertThat(index.first("a1")).isEqualTo(2);
        assertThat(index.first("other")).isEqualTo(3);
        assertThat(index().first("other")).isEqualTo(GlobIndex.NONE);
    }

    /** Compares with asking each pattern in turn; twice, since the second answer is a kept one. */
    @Test
    void itAnswersAsTheWholeListWould() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            var globs = new ArrayList<List<Glob>>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                globs.add(List.of(new Glob(text(random, "ab*")), new Glob(text(random, "ab*"))));
            }
            var index = new GlobIndex(globs);
            for (int i = 0; i < 50; i++) {
                var name = text(random, "ab");
                int expected = IntStream.range(0, globs.size())
                        .filter(n -> globs.get(n).stream().anyMatch(glob -> matches(glob.pattern(), name)))
                        .findFirst()
                        .orElse(GlobIndex.NONE);
                assertThat(index.first(name))
                        .as("%s in %s, seed %d", name, globs, seed)
                        .isEqualTo(expected);
                assertThat(index.first(name)).isEqualTo(expected);
            }
        }
    }

    private static boolean matches(String pattern, String name) {
        return name.matches(pattern.replace("*", ".*"));
    }

    private static String text(Random random, String letters) {
        var text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }
}
