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
    @CsvSource({
        "65536, 65536",
        "64KiB, 65536",
        "1MiB, 1048576",
        "1 gib, 1073741824",
        "0, 0",
        "' 7B ', 7",
        "64K, 65536",
        "1MB, 1000000",
        "64 kB, 64000",
        "1.5MiB, 1572864",
        "0.25 GiB, 268435456",
        "2g, 2147483648"
    })
    void sizes(String text, long bytes) {
        assertThat(Values.size(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "64KBs",
                "-1",
                "1.3B",
                "1.5.5MiB",
                "1,5MiB",
                "1T",
                "0x10",
                "99999999999999999GiB",
                "9999999999999999999",
                "1e6"
            })
    void noSizes(String text) {
        assertThat(Values.size(text)).isEqualTo(OptionalLong.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, 500",
        "5s, 5000",
        "5, 5000",
        "2m, 120000",
        "1h, 3600000",
        "'1 S', 1000",
        "0, 0",
        "'5 seconds', 5000",
        "1.5s, 1500",
        "10 min, 600000",
        "1d, 86400000",
        "1h30m, 5400000",
        "'1 day 12 hours', 129600000"
    })
    void times(String text, long ms) {
        assertThat(Values.duration(text)).hasValue(Duration.ofMillis(ms));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5 parsecs", "-1s", "1.0005s", "PT5S", "s", "1h30", "30 1h", "00:05", "9999999999s"})
    void noTimes(String text) {
        assertThat(Values.duration(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+1", "1.0", "0x1f", "1_000", "٣", "1 2", "99999999999999999999"})
    void noNumbers(String text) {
        assertThat(Values.number(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1 KiB",
        "1048575, 1023 KiB",
        "1048576, 1.0 MiB",
        "1580007424, 1.5 GiB",
        "1073741823, 1.0 GiB",
        "2199023255552, 2.0 TiB",
        "9223372036854775807, 8388608.0 TiB"
    })
    void sizesForPeople(long bytes, String text) {
        assertThat(Values.rounded(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "-5, 0s",
        "0, 0s",
        "407, 407ms",
        "1999, 1999ms",
        "2000, 2s",
        "59600, 1m",
        "61000, 1m1s",
        "3600000, 1h",
        "5400000, 1h30m",
        "90000000, 1d1h",
        "86400000, 1d"
    })
    void agesForPeople(long ms, String text) {
        assertThat(Values.rounded(Duration.ofMillis(ms))).isEqualTo(text);
    }

    @Test
    void oneIsNoPlural() {
        assertThat(Values.counted(1, "member")).isEqualTo("1 member");
        assertThat(Values.counted(0, "member")).isEqualTo("0 members");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1000, 1000",
        "65536, 64KiB",
        "1310720, 1.25MiB",
        "1000000, 1MB",
        "1500000, 1.5MB",
        "96000000, 96MB",
        "1023, 1023",
        "1047552, 1023KiB",
        "1610612736, 1.5GiB",
        "1476395008, 1.375GiB",
        "1073741825, 1073741825"
    })
    void sizesAreShownAsPeopleWriteThem(long bytes, String text) {
        assertThat(Values.shown(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"86400000, 1d", "604800000, 7d", "90000000, 25h", "90000, 90s"})
    void timesAreShownAsPeopleWriteThem(long ms, String text) {
        assertThat(Values.shown(Duration.ofMillis(ms))).isEqualTo(text);
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
