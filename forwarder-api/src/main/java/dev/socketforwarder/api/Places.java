package dev.socketforwarder.api;

import java.util.concurrent.atomic.AtomicInteger;

/** So many places for something that is limited in number. Thread-safe. */
public final class Places {
    private final int most;
    private final AtomicInteger taken = new AtomicInteger();

    /**
     * Make {@code most} free places.
     *
     * @param most 0 or more
     */
    public Places(int most) {
        this.most = most;
    }

    /**
     * Take a place, which needs a {@link #giveBack}.
     *
     * @return whether one was free
     */
    public boolean take() {
        if (taken.incrementAndGet() <= most) {
            return true;
        }
        taken.decrementAndGet();
        return false;
    }

    /** Free a place that was taken; it may be taken again at once. */
    public void giveBack() {
        taken.decrementAndGet();
    }

    /**
     * {@return how many there are, taken or free}
     */
    public int most() {
        return most;
    }
}
