package dev.socketforwarder.runtime.memory;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that all groups together hold. Nothing can be taken beyond the bound at any moment. An eighth is reserved for urgent needs: what
 * passes in a moment must not fail because members that lag hold everything else. Members must make room well before the reserve
 * is touched, from three quarters on, since it takes a while to find and close them. Thread-safe.
 */
public final class QueueBudget {
    private volatile long max;
    private final AtomicLong held = new AtomicLong();

    public QueueBudget(long max) {
        this.max = max;
    }

    /** Change the bound. If more is held than the new bound allows, nothing can be taken until enough has come back. */
    public void resize(long most) {
        max = most;
    }

    private static long reserve(long max) {
        return max / 8;
    }

    /**
     * Take this many bytes, before they are allocated.
     *
     * @param isUrgent whether they may come from the reserve
     * @return false, with nothing taken, if fewer are left
     */
    boolean take(long bytes, boolean isUrgent) {
        long all = max;
        long most = isUrgent ? all : all - reserve(all);
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
        long all = max;
        return held.get() > all - 2 * reserve(all);
    }

    /** {@return how many bytes a group may hold and still count as small} */
    long small() {
        return reserve(max) / 4;
    }

    /** {@return whether enough is free again: under two thirds in use, so that memory is not scarce again at once} */
    public boolean isRelieved() {
        return excess() < 0;
    }

    /** {@return how many bytes are held beyond two thirds; negative if fewer are held} */
    public long excess() {
        long all = max;
        return held.get() - (all - all / 3);
    }

    /** {@return how many bytes may be held} */
    public long max() {
        return max;
    }

    public long held() {
        return held.get();
    }
}
