package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TaskQueueTest {
    private final AtomicInteger wakeups = new AtomicInteger();
    private final TaskQueue tasks = new TaskQueue(wakeups::incrementAndGet);
    private final List<Integer> ran = new ArrayList<>();

    private void leaveFive() {
        for (int i = 0; i < 5; i++) {
            int n = i;
            tasks.execute(() -> ran.add(n));
        }
    }

    @Test
    void tasksRunInTheirOrderAndOnlyWhenDrained() {
        leaveFive();
        assertThat(ran).isEmpty();
        assertThat(wakeups).hasValue(1);

        tasks.drain(10);

        assertThat(ran).containsExactly(0, 1, 2, 3, 4);
        assertThat(wakeups).hasValue(1);
    }

    @Test
    void whoLeavesATaskWakesTheOwnerItself() {
        assertThat(tasks.leave(() -> ran.add(1))).isTrue();
        assertThat(tasks.leave(() -> ran.add(2))).isFalse();
        tasks.execute(() -> ran.add(3));
        assertThat(wakeups).hasValue(0);

        tasks.drain(10);

        assertThat(ran).containsExactly(1, 2, 3);
        assertThat(tasks.leave(() -> ran.add(4))).isTrue();
    }

    @Test
    void whatIsLeftAsksForAnotherWakeup() {
        leaveFive();
        tasks.drain(2);
        assertThat(ran).containsExactly(0, 1);
        assertThat(wakeups).hasValue(2);
        assertThat(tasks.isEmpty()).isFalse();
        tasks.drain(3);
        assertThat(ran).containsExactly(0, 1, 2, 3, 4);
        assertThat(wakeups).hasValue(2);
        assertThat(tasks.isEmpty()).isTrue();
    }

    @Test
    void aTaskThatThrowsCostsNoOther() {
        tasks.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        tasks.execute(() -> ran.add(1));

        tasks.drain(10);

        assertThat(ran).containsExactly(1);
    }

    @Test
    void aTaskAddedByATaskRunsInTheSameDrainWithinTheLimit() {
        tasks.execute(() -> tasks.execute(() -> ran.add(1)));

        tasks.drain(2);

        assertThat(ran).containsExactly(1);
    }

    @Test
    void noTaskIsLeftBehindWithoutAWakeup() throws InterruptedException {
        int threads = 4;
        int each = 20_000;
        var wake = new Semaphore(0);
        var queue = new TaskQueue(wake::release);
        var done = new CountDownLatch(threads * each);
        var owner = Thread.ofVirtual().start(() -> {
            while (done.getCount() > 0) {
                try {
                    wake.acquire(); // the owner looks for tasks only after a wakeup
                } catch (InterruptedException _) {
                    return;
                }
                queue.drain(7);
            }
        });
        for (int t = 0; t < threads; t++) {
            Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    queue.execute(done::countDown);
                }
            });
        }

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        owner.interrupt();
        owner.join();
    }
}
