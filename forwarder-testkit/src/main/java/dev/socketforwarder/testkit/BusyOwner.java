package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Owner;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps an owner's thread busy while a test sends something, and until the test waits for that thread. So the kernel surely holds
 * what was sent when the test stops the endpoint.
 */
final class BusyOwner {
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final long LOOK_NS = 200_000;

    private final Thread test = Thread.currentThread();
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile boolean hasSent;

    private BusyOwner() {}

    /** Run this while the owner reads nothing. */
    static void during(Owner owner, Sending sending) throws IOException, InterruptedException {
        var busy = new BusyOwner();
        owner.execute(busy::hold);
        busy.begun.await(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        sending.send();
        busy.hasSent = true;
    }

    /** Sends something to the endpoint. */
    @FunctionalInterface
    interface Sending {
        void send() throws IOException;
    }

    private void hold() {
        begun.countDown();
        long endNs = System.nanoTime() + LONGEST.toNanos();
        while (!(hasSent && isTestWaiting()) && System.nanoTime() < endNs) {
            LockSupport.parkNanos(LOOK_NS);
        }
    }

    private boolean isTestWaiting() {
        var state = test.getState();
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }
}
