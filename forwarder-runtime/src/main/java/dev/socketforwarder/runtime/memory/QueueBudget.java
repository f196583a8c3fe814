package dev.socketforwarder.runtime.memory;

import java.util.concurrent.atomic.AtomicLong;

/** How much memory all groups together hold, and may hold: never more, not even for a moment. Thread-safe. */
public final class QueueBudget {
    private final long max;
    private final AtomicLong held = new AtomicLong();

    public QueueBudget(long max) {
        this.max = max;
    }

    /**
     * Take so much, before it is allocated.
     *
     * @return false: there is not so much left, and nothing was taken
     */
    boolean take(long bytes) {
        long now;
        do {
            now = held.get();
            if (bytes > max - now) {
                return false;
            }
        } while (!held.compareAndSet(now, now + bytes));
        return true;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    /** {@return whether so little is left that somebody should make room: whoever finds nothing is closed} */
    public boolean isScarce() {
        return held.get() > max - max / 16;
    }

    /** {@return whether there is room enough again: under 90 %, so that it is not scarce at once} */
    public boolean isRelieved() {
        return excess() < 0;
    }

    /** {@return how much is held beyond that} */
    public long excess() {
        return held.get() - (max - max / 10);
    }

    /** {@return how much may be held at most} */
    public long max() {
        return max;
    }

    public long held() {
        return held.get();
    }
}
