package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Deadlines;
import org.junit.jupiter.api.Test;

class ExpiryTest {
    private final Deadlines deadlines = new Deadlines();
    private final Expiry expiry = new Expiry(deadlines);
    private int passed;

    private void due() {
        deadlines.in(0, () -> passed++);
    }

    private boolean poll() {
        boolean isDue = expiry.isDue();
        expiry.polled();
        return isDue;
    }

    @Test
    void whatBecomesDueDuringAPollPassesAfterTheNext() {
        assertThat(expiry.isDue()).isFalse();
        due(); // while the poll waits
        expiry.polled();
        expiry.expire();
        assertThat(passed).isZero();

        assertThat(poll()).isTrue();
        expiry.expire();
        assertThat(passed).isEqualTo(1);
        assertThat(poll()).isFalse();
    }

    @Test
    void whoWasFoundByThePollIsReadBefore() {
        due();
        expiry.isDue();
        int first = expiry.note();
        int second = expiry.note();
        expiry.polled();
        expiry.expire();
        assertThat(passed).isZero();
        expiry.read(first);
        expiry.expire();
        assertThat(passed).isZero();

        poll(); // the poll of another turn
        expiry.read(second);
        expiry.expire();
        assertThat(passed).isEqualTo(1);
    }

    @Test
    void oneThatAlwaysHasMoreHoldsNoDeadlineUp() {
        due();
        expiry.isDue();
        int found = expiry.note();
        expiry.polled();
        expiry.read(found);
        int again = expiry.note();
        expiry.expire();
        assertThat(passed).isEqualTo(1);

        due();
        poll();
        expiry.expire();
        assertThat(passed).isEqualTo(1);
        expiry.read(again);
        expiry.note();
        expiry.expire();
        assertThat(passed).isEqualTo(2);
    }
}
