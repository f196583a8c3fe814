package dev.socketforwarder.api;

import java.util.concurrent.atomic.AtomicInteger;

/** Limits how many things of one kind may exist at once, such as connections: each takes a place. Thread-safe. */
public final class Places {
    private volatile int most;
    private final AtomicInteger taken = new AtomicInteger();

    /**
     * Make a number of free places.
     *
     * @param most how many places there are, 0 or more
     */
    public Places(int most) {
        this.most = most;
    }

    /**
     * Take a place if one is free. The caller must give back a taken place by {@link #giveBack}.
     *
     * @return whether a place was free and is now taken
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
     * Change how many places there are. Nobody loses a place: if more places are taken than exist from now on, none is free until
     * enough were given back.
     *
     * @param most how many places there are from now on, 0 or more
     */
    public void resize(int most) {
        this.most = most;
    }

    /**
     * {@return how many places there are in total, taken and free}
     */
    public int most() {
        return most;
    }

    /**
     * {@return how many places are taken now}
     */
    public int taken() {
        return Math.min(most, taken.get()); // a call of take() that fails counts one place too many for a moment
    }
}
