package dev.socketforwarder.transport.udp.members;

/** A token bucket: so many a second, and after a pause those of a second at once. Thread-safe. */
public final class Bucket {
    private static final double SECOND_NS = 1e9;

    private final int perSecond;
    private double tokens;
    private long filledNs;

    /** Make one that is full now. */
    public Bucket(int perSecond, long nowNs) {
        this.perSecond = perSecond;
        this.tokens = perSecond;
        this.filledNs = nowNs;
    }

    /** {@return whether there was one, which is gone then} */
    public synchronized boolean take(long nowNs) {
        fill(nowNs);
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /** {@return one like this with all that is in this, which is empty then} */
    synchronized Bucket pour(long nowNs) {
        fill(nowNs);
        var other = new Bucket(perSecond, filledNs);
        other.tokens = tokens;
        tokens = 0;
        return other;
    }

    private void fill(long nowNs) {
        long passedNs = nowNs - filledNs;
        // Another thread may have looked at the time later, and come earlier.
        if (passedNs > 0) {
            tokens = Math.min(perSecond, tokens + passedNs / SECOND_NS * perSecond);
            filledNs = nowNs;
        }
    }
}
