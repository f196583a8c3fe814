package dev.socketforwarder.transport.udp.members;

/**
 * A token bucket that refills at a steady rate and holds one second's worth of tokens. Each call tells the rate, which may
 * change at any time. Thread-safe.
 */
public final class TokenBucket {
    private static final double SECOND_NS = 1e9;

    private double tokens = Double.POSITIVE_INFINITY; // cut to one second's worth
    private long filledNs;

    /** Make a full bucket. */
    public TokenBucket(long nowNs) {
        this.filledNs = nowNs;
    }

    /**
     * Take a token.
     *
     * @return whether there was one
     */
    public synchronized boolean take(int perSecond, long nowNs) {
        fill(perSecond, nowNs);
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /** {@return a bucket with all tokens of this one, which is empty then} */
    synchronized TokenBucket pour(int perSecond, long nowNs) {
        fill(perSecond, nowNs);
        var other = new TokenBucket(filledNs);
        other.tokens = tokens;
        tokens = 0;
        return other;
    }

    private void fill(int perSecond, long nowNs) {
        // Another thread may have read the clock later, but come here earlier.
        long passedNs = Math.max(0, nowNs - filledNs);
        tokens = Math.min(perSecond, tokens + passedNs / SECOND_NS * perSecond);
        filledNs += passedNs;
    }
}
