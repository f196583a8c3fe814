package dev.socketforwarder.runtime.streams.loop;

import java.util.function.LongSupplier;

/** A token bucket: so many units a second, and after a pause a burst at once. Not thread-safe. */
public final class RateLimit {
    private static final double SECOND_NS = 1e9;

    private final double perNs;
    private final long burst;
    private final long least;
    private final LongSupplier nanoClock;
    private double tokens;
    private long filledNs;

    /**
     * Make a full bucket.
     *
     * @param perSecond at least 1
     * @param burst at least 1
     * @param least what counts as something, at most a burst: less is not worth to be taken
     * @param nanoClock monotonic, in nanoseconds
     */
    public RateLimit(long perSecond, long burst, long least, LongSupplier nanoClock) {
        this.perNs = perSecond / SECOND_NS;
        this.burst = burst;
        this.least = least;
        this.nanoClock = nanoClock;
        this.tokens = burst;
        this.filledNs = nanoClock.getAsLong();
    }

    /**
     * {@return how many units may be taken now}
     */
    public long available() {
        fill();
        return tokens < least ? 0 : (long) tokens;
    }

    /**
     * Take units; more than are there is a debt, which delays the next ones.
     *
     * @param units 0 or more
     */
    public void take(long units) {
        tokens -= units;
    }

    /**
     * {@return whether it does not differ from a new one}
     */
    public boolean isFull() {
        fill();
        return tokens >= burst;
    }

    /**
     * {@return the time until half a burst is there, in nanoseconds, so that not each unit is waited for}
     */
    public long waitNs() {
        fill();
        return (long) Math.max(1, Math.ceil((Math.max(1, burst / 2) - tokens) / perNs));
    }

    private void fill() {
        long nowNs = nanoClock.getAsLong();
        tokens = Math.min(burst, tokens + (nowNs - filledNs) * perNs);
        filledNs = nowNs;
    }
}
