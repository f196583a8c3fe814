package dev.socketforwarder.transport.udp.members;

/** A token bucket that refills at a steady rate and holds one second's worth of tokens. Thread-safe. */
public final class TokenBucket {
    private static final double SECOND_NS = 1e9;

    private final int perSecond;
    private double tokens;
    private long filledNs;

    /** Make a full bucket. */
    public TokenBucket(int perSecond, long nowNs) {
        this.perSecond = perSecond;
        this.tokens = perSecond;
        this.filledNs = nowNs;
    }

    /**
     * Take a token.
     *
     * @return whether there was one
     */
    public synchronized boolean take(long nowNs) {
        fill(nowNs);
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /** {@return a bucket with all tokens of this one, which is empty then} */
    synchronized TokenBucket pour(long nowNs) {
        fill(nowNs);
        var other = new TokenBucket(perSecond, filledNs);
        other.tokens = tokens;
        tokens = 0;
        return other;
    }

    private void fill(long nowNs) {
        long passedNs = nowNs - filledNs;
        // Another thread may have read the clock later, but come here earlier.
        if (passedNs > 0) {
            tokens = Math.min(perSecond, tokens + passedNs / SECOND_NS * perSecond);
            filledNs = nowNs;
        }
    }
}
