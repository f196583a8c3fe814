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

    /** Turn as an event loop does until {@code count} actions have run. */
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
        // Far apart, since the times count from the calls, and the first calls load classes.
        deadlines.in(TimeUnit.MILLISECONDS.toNanos(1_000), () -> done.add("late"));
        deadlines.in(TimeUnit.MILLISECONDS.toNanos(500), () -> done.add("early"));
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
    void onlyWhatWasDueAtThePollExpires() {
        long pollNs = System.nanoTime();
        deadlines.in(0, () -> done.add("after the poll"));

        assertThat(deadlines.isDue(pollNs)).isFalse();
        deadlines.expire(pollNs);
        assertThat(done).isEmpty();
        long nextNs = System.nanoTime();
        assertThat(deadlines.isDue(nextNs)).isTrue();
        deadlines.expire(nextNs);
        assertThat(done).containsExactly("after the poll");
    }

    @Test
    void afterAPauseWhatIsLateIsPutOffOnce() {
        deadlines.in(0, () -> done.add("late"));
        long pausedNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);

        deadlines.expire(pausedNs);
        assertThat(done).isEmpty();
        deadlines.expire(pausedNs + TimeUnit.MILLISECONDS.toNanos(1_999));
        assertThat(done).isEmpty();
        deadlines.expire(pausedNs + TimeUnit.SECONDS.toNanos(6)); // a second pause
        assertThat(done).containsExactly("late");
    }

    @Test
    void oneThatWasPutOffCanBeCancelled() {
        var late = deadlines.in(0, () -> done.add("late"));
        long pausedNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);
        deadlines.expire(pausedNs);
        late.cancel();

        deadlines.expire(pausedNs + TimeUnit.SECONDS.toNanos(6));
        assertThat(done).isEmpty();
    }

    @Test
    void cancelledOnesAreNotKeptUntilTheirTime() {
        // Handshakes begin and end far faster than their time limit.
        for (int i = 0; i < 100_000; i++) {
            deadlines.in(TimeUnit.HOURS.toNanos(1), () -> {}).cancel();
            if (i % 1_000 == 0) {
                deadlines.in(TimeUnit.MINUTES.toNanos(30), () -> {}); // due before the others
            }
        }

        assertThat(deadlines.size()).isLessThan(1_000);
    }
}
