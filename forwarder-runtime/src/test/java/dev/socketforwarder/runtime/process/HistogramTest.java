package dev.socketforwarder.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 4, 5, 7, 8, 1_000, 1_000_000, 123_456_789, Long.MAX_VALUE})
    void aValueIsFoundAgainToAQuarter(long value) {
        var histogram = new Histogram();
        histogram.add(value);

        assertThat(histogram.quantile(0.5))
                .isBetween(value, value + value / 4 < 0 ? Long.MAX_VALUE : value + value / 4);
        assertThat(histogram.atMost(Long.MAX_VALUE)).isEqualTo(1);
        assertThat(histogram.sum()).isEqualTo(value);
    }

    @Test
    void quantilesAreThoseOfTheValuesToAQuarter() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var values = LongStream.generate(() -> (long) Math.exp(random.nextDouble() * 20))
                .limit(10_000)
                .sorted()
                .toArray();
        var histogram = new Histogram();
        for (var value : values) {
            histogram.add(value);
        }

        for (var share : new double[] {0.1, 0.5, 0.99, 1}) {
            double exact = values[(int) Math.ceil(share * values.length) - 1];
            assertThat((double) histogram.quantile(share)).isCloseTo(exact, within(exact / 4 + 1));
        }
    }

    @Test
    void whatWasCountedSinceACopyIsTheDifference() {
        var histogram = new Histogram();
        histogram.add(10);
        var before = histogram.copy();
        histogram.add(1_000);
        histogram.add(2_000);

        var since = histogram.copy().minus(before);

        assertThat(since.count()).isEqualTo(2);
        assertThat(since.sum()).isEqualTo(3_000);
        assertThat(since.atMost(10)).isZero();
        assertThat(before.count()).isEqualTo(1);
    }

    @Test
    void anEmptyOneHasNoQuantile() {
        assertThat(new Histogram().quantile(0.99)).isZero();
    }
}
