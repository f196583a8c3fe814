package dev.socketforwarder.runtime;

import java.util.concurrent.atomic.AtomicLong;

/** How much memory all groups together hold, and may hold. Thread-safe. */
final class QueueBudget {
    private final long max;
    private final AtomicLong held = new AtomicLong();

    QueueBudget(long max) {
        this.max = max;
    }

    /** {@return whether that is more than may be} */
    boolean take(long bytes) {
        return held.addAndGet(bytes) > max;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    boolean isExceeded() {
        return held.get() > max;
    }

    /** {@return whether there is room enough again: under 90 % of the bound, so that it is not met at once} */
    boolean isRelieved() {
        return held.get() < max - max / 10;
    }

    /** {@return whether relief does not keep up, so that every group that takes more must help itself} */
    boolean isFarExceeded() {
        return held.get() > max + max / 8;
    }

    long held() {
        return held.get();
    }
}
