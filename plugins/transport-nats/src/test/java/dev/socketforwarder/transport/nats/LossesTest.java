package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.buffer.Batch.Form;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossesTest {
    private final Losses losses = new Losses(3);

    @Test
    void theFirstMessageOfAForwarderIsNoLoss() {
        assertThat(arrived(1, 1, 500, 1)).isZero();
    }

    @Test
    void countsTheMessagesOfAGap() {
        arrived(1, 1, 1, 10);
        assertThat(arrived(1, 1, 11, 5)).isZero();
        assertThat(arrived(1, 1, 20, 1)).isEqualTo(4);
        assertThat(arrived(1, 1, 21, 1)).isZero();
    }

    @Test
    void aGroupThatBeginsAgainCountsFromOne() {
        arrived(1, 1, 1, 10);
        assertThat(arrived(1, 2, 1, 1)).isZero();
        assertThat(arrived(1, 3, 4, 1)).isEqualTo(3);
    }

    @Test
    void forwardersAndGroupsAreApart() {
        arrived(1, 1, 1, 1);
        arrived(2, 1, 100, 1);
        assertThat(arrived(1, 1, 2, 1)).isZero();
        assertThat(losses.arrived(9, envelope(1, 1, 50, 1))).isZero();
    }

    @Test
    void aForgedNumberIsNoLoss() {
        arrived(1, 1, 1, 1);
        assertThat(arrived(1, 1, 1L << 59, 1)).isZero();
        assertThat(arrived(1, 1, 5, 1)).isZero();
        assertThat(arrived(1, 1, 7, 1)).isEqualTo(1);
    }

    @Test
    void remembersABoundedNumber() {
        arrived(1, 1, 1, 1);
        arrived(2, 1, 1, 1);
        arrived(3, 1, 1, 1);
        arrived(4, 1, 1, 1);
        assertThat(arrived(1, 1, 10, 1)).as("forgotten").isZero();
        assertThat(arrived(4, 1, 3, 1)).as("remembered").isEqualTo(1);
    }

    private long arrived(long node, int incarnation, long first, int count) {
        return losses.arrived(0, envelope(node, incarnation, first, count));
    }

    private static Envelope envelope(long node, int incarnation, long first, int count) {
        return new Envelope(Form.STREAM, incarnation, first, count, new Trail(List.of(node)), "line");
    }
}
