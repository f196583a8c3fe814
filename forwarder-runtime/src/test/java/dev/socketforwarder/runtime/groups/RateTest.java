package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RateTest {
    private final Rate rate = new Rate();

    @Test
    void aSteadyGrowthIsFoundWithinSeconds() {
        for (int second = 0; second <= 8; second++) {
            rate.sample(1_000L * second, TimeUnit.SECONDS.toNanos(second));
        }

        assertThat(rate.perSecond()).isCloseTo(1_000, within(10.0));
    }

    @Test
    void oneSampleTellsNothing() {
        rate.sample(1_000_000, 5);

        assertThat(rate.perSecond()).isZero();
    }

    @Test
    void afterTheEndItIsZeroSoon() {
        rate.sample(0, 0);
        rate.sample(1_000_000, TimeUnit.SECONDS.toNanos(1));
        for (int second = 2; second < 40; second++) {
            rate.sample(1_000_000, TimeUnit.SECONDS.toNanos(second));
        }

        assertThat(rate.perSecond()).isZero();
    }
}
