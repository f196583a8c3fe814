package dev.socketforwarder.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how values are read and shown. */
class ValuesTest {
    @ParameterizedTest
    @CsvSource({"65536, 65536", "64KiB, 65536", "1MiB, 1048576", "1 gib, 1073741824", "0, 0", "' 7B ', 7"})
    void sizes(String text, long bytes) {
        assertThat(Values.size(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "64K", "64KB", "-1", "1.5MiB", "0x10", "99999999999999999GiB", "9999999999999999999", "1e6"})
    void noSizes(String text) {
        assertThat(Values.size(text)).isEqualTo(OptionalLong.empty());
    }

    @ParameterizedTest
    @CsvSource({"500ms, 500", "5s, 5000", "5, 5000", "2m, 120000", "1h, 3600000", "'1 S', 1000", "0, 0"})
    void times(String text, long ms) {
        assertThat(Values.duration(text)).hasValue(Duration.ofMillis(ms));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5 seconds", "-1s", "1.5s", "1d", "s", "9999999999s"})
    void noTimes(String text) {
        assertThat(Values.duration(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+1", "1.0", "0x1f", "1_000", "٣", "1 2", "99999999999999999999"})
    void noNumbers(String text) {
        assertThat(Values.number(text)).isEmpty();
    }

    @Test
    void whatIsShownIsReadAgain() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            long bytes = random.nextLong(1L << random.nextInt(1, 50)) << random.nextInt(12);
            assertThat(Values.size(Values.shown(bytes))).as("seed " + seed).hasValue(bytes);
            var time = Duration.ofMillis(random.nextLong(1L << random.nextInt(1, 30)));
            assertThat(Values.duration(Values.shown(time))).as("seed " + seed).hasValue(time);
        }
    }
}
