package dev.socketforwarder.runtime.streams.loop;

import java.util.function.LongSupplier;

/** A token bucket, which grants so many units a second, and after a pause a burst at once. Not thread-safe. */
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
     * @param perSecond how many units flow in each second, at least 1
     * @param burst how many units the bucket holds, at least 1
     * @param least the fewest units worth taking, at most {@code burst}; fewer count as none
     * @param nanoClock a monotonic clock, in nanoseconds
     */
    public RateLimit(long perSecond, long burst, long least, LongSupplier nanoClock) {
        this.perNs = perSecond / SECOND_NS;
        this.burst = burst;
        this.least = least;
        this.nanoClock = nanoClock;
        this.tokens = burst;
        this.filledNs = nanoClock.getAsLong();
    }

    /** {@return how many units may be taken now} */
    public long available() {
        fill();
        return tokens < least ? 0 : (long) tokens;
    }

    /**
     * Take units. More units than the bucket holds make a debt, which delays the next ones.
     *
     * @param units 0 or more
     */
    public void take(long units) {
        tokens -= units;
    }

    /** {@return whether the bucket is full, as a new one is} */
    public boolean isFull() {
        fill();
        return tokens >= burst;
    }

    /** {@return the nanoseconds until the bucket holds half a burst, so that nobody waits for each single unit} */
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
