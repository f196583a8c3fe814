package dev.socketforwarder.api;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the places for something that is limited in number (connections, say). Thread-safe. */
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
     * Take a place. A taken place must be given back by {@link #giveBack}.
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

    /** Give back a place that was taken. */
    public void giveBack() {
        taken.decrementAndGet();
    }

    /**
     * {@return how many places there are, taken or free}
     */
    public int most() {
        return most;
    }

    /**
     * {@return how many places are taken now}
     */
    public int taken() {
        return Math.min(most, taken.get()); // a request that fails takes one for a moment
    }
}
