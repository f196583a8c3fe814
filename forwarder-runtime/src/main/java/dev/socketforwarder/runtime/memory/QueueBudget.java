package dev.socketforwarder.runtime.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that all groups together hold; the bound holds at every moment. An eighth is reserved for urgent needs: what
 * passes in a moment must not fail because members that lag hold everything else. Members must make room well before the reserve
 * is touched, from three quarters on, since it takes a while to find and close them. Thread-safe.
 */
public final class QueueBudget {
    private final long max;
    private final long reserve;
    private final AtomicLong held = new AtomicLong();

    public QueueBudget(long max) {
        this.max = max;
        this.reserve = max / 8;
    }

    /**
     * Take this many bytes, before they are allocated.
     *
     * @param isUrgent whether they may come from the reserve
     * @return false, with nothing taken, if fewer are left
     */
    boolean take(long bytes, boolean isUrgent) {
        long most = isUrgent ? max : max - reserve;
        long now;
        do {
            now = held.get();
            if (bytes > most - now) {
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
        return held.get() > max - 2 * reserve;
    }

    /** {@return how many bytes a group may hold and still count as small} */
    long small() {
        return reserve / 4;
    }

    /** {@return whether enough is free again: under two thirds in use, so that memory is not scarce again at once} */
    public boolean isRelieved() {
        return excess() < 0;
    }

    /** {@return how many bytes are held beyond two thirds; negative if fewer are held} */
    public long excess() {
        return held.get() - (max - max / 3);
    }

    /** {@return how many bytes may be held} */
    public long max() {
        return max;
    }

    public long held() {
        return held.get();
    }
}
