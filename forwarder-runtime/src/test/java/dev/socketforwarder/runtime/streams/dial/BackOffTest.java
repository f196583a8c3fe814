package dev.socketforwarder.runtime.streams.dial;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackOffTest {

    @Test
    void pausesDoubleUpToTheLongestAndBeginAnew() {
        var backOff = new BackOff(new SplittableRandom(1));
        for (int round = 0; round < 2; round++) {
            for (long mostNs = BackOff.FIRST_NS; mostNs < BackOff.LONGEST_NS; mostNs *= 2) {
                assertThat(backOff.nextNs()).isBetween(mostNs / 2, mostNs);
            }
            for (int i = 0; i < 100; i++) {
                assertThat(backOff.nextNs()).isBetween(BackOff.LONGEST_NS / 2, BackOff.LONGEST_NS);
            }
            backOff.reset();
        }
    }

    @Test
    void noTwoWaitAlike() {
        var pauses = new HashSet<Long>();
        for (int seed = 0; seed < 100; seed++) {
            pauses.add(new BackOff(new SplittableRandom(seed)).nextNs());
        }
        assertThat(pauses).hasSizeGreaterThan(90);
    }
}
