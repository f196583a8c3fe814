package dev.socketforwarder.runtime.memory;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the memory that all groups together hold; the bound holds at every moment. Thread-safe. */
public final class QueueBudget {
    private final long max;
    private final AtomicLong held = new AtomicLong();

    public QueueBudget(long max) {
        this.max = max;
    }

    /**
     * Take this many bytes, before they are allocated.
     *
     * @return false, with nothing taken, if fewer are left
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

    /**
     * {@return whether little enough is left that members must make room, before others are closed for lack of memory}
     */
    public boolean isScarce() {
        return held.get() > max - max / 16;
    }

    /** {@return whether enough is free again: under 90 % in use, so that memory is not scarce again at once} */
    public boolean isRelieved() {
        return excess() < 0;
    }

    /** {@return how many bytes are held beyond that} */
    public long excess() {
        return held.get() - (max - max / 10);
    }

    /** {@return how many bytes may be held} */
    public long max() {
        return max;
    }

    public long held() {
        return held.get();
    }
}
