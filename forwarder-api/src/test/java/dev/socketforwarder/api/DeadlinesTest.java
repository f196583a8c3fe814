package dev.socketforwarder.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DeadlinesTest {
    private final Deadlines deadlines = new Deadlines();
    private final List<String> done = new ArrayList<>();

    /** Wait as an event loop does, until {@code count} are done. */
    private void expireUntilDone(int count) {
        while (done.size() < count) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(deadlines.millisToNext()));
            deadlines.expire();
        }
    }

    @Test
    void withoutAnyTheWaitIsForEver() {
        assertThat(deadlines.millisToNext()).isZero();
        deadlines.expire();
    }

    @Test
    void theyExpireInTheOrderOfTheirTimes() {
        deadlines.in(TimeUnit.MILLISECONDS.toNanos(20), () -> done.add("late"));
        deadlines.in(TimeUnit.MILLISECONDS.toNanos(1), () -> done.add("early"));
        deadlines.in(0, () -> done.add("now"));
        expireUntilDone(3);

        assertThat(done).containsExactly("now", "early", "late");
        assertThat(deadlines.millisToNext()).isZero();
    }

    @Test
    void oneThatIsDueIsNeverWaitedForForEver() {
        deadlines.in(-1_000_000_000, () -> {});

        assertThat(deadlines.millisToNext()).isEqualTo(1);
    }

    @Test
    void aCancelledOneWakesNobody() {
        deadlines.in(TimeUnit.HOURS.toNanos(1), () -> done.add("never")).cancel();

        assertThat(deadlines.millisToNext()).isZero();
    }

    @Test
    void oneMaySetAnother() {
        deadlines.in(0, () -> deadlines.in(0, () -> done.add("second")));
        expireUntilDone(1);

        assertThat(done).containsExactly("second");
    }

    @Test
    void oneThatThrowsCostsNoOther() {
        deadlines.in(0, () -> {
            throw new IllegalStateException("on purpose");
        });
        deadlines.in(0, () -> done.add("other"));
        expireUntilDone(1);

        assertThat(done).containsExactly("other");
    }

    @Test
    void cancelledOnesAreNotKeptUntilTheirTime() {
        // Handshakes that come and go, far faster than their limit of time.
        for (int i = 0; i < 100_000; i++) {
            deadlines.in(TimeUnit.HOURS.toNanos(1), () -> {}).cancel();
            if (i % 1_000 == 0) {
                deadlines.in(TimeUnit.MINUTES.toNanos(30), () -> {}); // in front of them
            }
        }

        assertThat(deadlines.size()).isLessThan(1_000);
    }
}
