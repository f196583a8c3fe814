package dev.socketforwarder.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AlarmTest {
    private static final long MILLI_NS = 1_000_000;

    private final LinkedBlockingQueue<Long> calls = new LinkedBlockingQueue<>();

    @Test
    void callsOnceAtTheTimeThatWasSet() throws InterruptedException {
        try (var alarm = new Alarm(() -> calls.add(Message.now()))) {
            for (int i = 0; i < 3; i++) {
                long atNs = Message.now() + 3 * MILLI_NS;
                alarm.set(atNs);
                assertThat(calls.poll(10, TimeUnit.SECONDS)).isNotNull().isGreaterThanOrEqualTo(atNs);
            }
            assertThat(calls.poll(20, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void anEarlierTimeReplacesALaterOne() throws InterruptedException {
        try (var alarm = new Alarm(() -> calls.add(Message.now()))) {
            alarm.set(Message.now() + TimeUnit.HOURS.toNanos(1));
            alarm.set(Message.now() + MILLI_NS);
            assertThat(calls.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
    }
}
