package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Deadlines;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SilenceTest {
    private static final long LIMIT_NS = TimeUnit.MILLISECONDS.toNanos(40);

    private final Deadlines deadlines = new Deadlines();
    private int parts;
    private int overs;
    private Runnable onPart = () -> {};
    private final Silence silence = new Silence(
            deadlines,
            LIMIT_NS,
            () -> {
                parts++;
                onPart.run();
            },
            () -> overs++);

    /** Wait as an event loop does. */
    private void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(deadlines.millisToNext()));
            deadlines.expire();
        }
    }

    @Test
    void isOverAfterTheLimitAndLooksCloserBefore() {
        long begunNs = System.nanoTime();
        silence.begin();
        await(() -> overs == 1);

        assertThat(System.nanoTime() - begunNs).isGreaterThanOrEqualTo(LIMIT_NS);
        assertThat(parts).isEqualTo(3);
        assertThat(silence.isSilent()).isTrue();
        assertThat(deadlines.millisToNext()).isZero();
    }

    @Test
    void whatHappenedUnseenEndsTheSilence() {
        onPart = silence::heardUnseen;
        silence.begin();
        await(() -> parts == 10);
        assertThat(overs).isZero();

        onPart = () -> {};
        await(() -> overs == 1);
        assertThat(parts).isEqualTo(13);
    }

    @Test
    void whatIsFoundOutWhenItIsOverTakesThatBack() {
        silence.begin();
        await(() -> overs == 1);
        long begunNs = System.nanoTime();
        silence.heardUnseen();
        assertThat(silence.isSilent()).isFalse();
        await(() -> overs == 2);

        assertThat(System.nanoTime() - begunNs).isGreaterThanOrEqualTo(LIMIT_NS);
    }

    @Test
    void nobodyLooksWhenNothingIsAwaited() {
        silence.begin();
        silence.end();
        silence.heardUnseen();
        await(() -> deadlines.millisToNext() == 0);

        assertThat(parts).isZero();
        assertThat(overs).isZero();
    }

    @Test
    void whatIsHeardInTimeIsNoSilence() {
        onPart = silence::heard;
        silence.begin();
        await(() -> parts == 8);

        assertThat(silence.isSilent()).isFalse();
        assertThat(overs).isZero();
    }
}
