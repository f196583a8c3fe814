package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OutboxTest {
    private final AtomicInteger dropped = new AtomicInteger();
    private final Outbox outbox = new Outbox(10_000, dropped::addAndGet);

    @Test
    void keepsTheOrder() {
        for (int i = 0; i < 5; i++) {
            outbox.add(message(i, 10));
        }
        for (int i = 0; i < 5; i++) {
            assertThat(outbox.poll().subject()).isEqualTo("s" + i);
        }
        assertThat(outbox.poll()).isNull();
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void dropsTheOldestAndCountsItsMessages() {
        for (int i = 0; i < 100; i++) {
            outbox.add(message(i, 1_000));
        }
        assertThat(outbox.bytes()).isLessThanOrEqualTo(10_000);
        int left = 0;
        for (var next = outbox.poll(); next != null; next = outbox.poll()) {
            left++;
            assertThat(next.subject()).isEqualTo("s" + (99 - 8 + left));
        }
        assertThat(left).isEqualTo(8);
        assertThat(dropped).hasValue(3 * (100 - 8));
    }

    @Test
    void dropsWhatIsLargerThanTheBound() {
        outbox.add(message(1, 20_000));
        assertThat(outbox.poll()).isNull();
        assertThat(dropped).hasValue(3);
    }

    @Test
    void aWaitEndsWithAMessageOrTheClose() throws Exception {
        var waiting = CompletableFuture.supplyAsync(this::poll);
        outbox.add(message(1, 1));
        assertThat(waiting.get(10, TimeUnit.SECONDS).subject()).isEqualTo("s1");
        var last = CompletableFuture.supplyAsync(this::poll);
        outbox.close();
        assertThat(last.get(10, TimeUnit.SECONDS)).isNull();
    }

    private Outgoing poll() {
        try {
            outbox.await(15_000);
            return outbox.poll();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Outgoing message(int number, int bytes) {
        return new Outgoing("s" + number, new byte[bytes], 3);
    }
}
