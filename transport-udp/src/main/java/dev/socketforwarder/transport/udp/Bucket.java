package dev.socketforwarder.transport.udp;

/** A token bucket: so many a second, and after a pause those of a second at once. Used on the endpoint's thread. */
final class Bucket {
    private static final double SECOND_NS = 1e9;

    private final int perSecond;
    private final TurnClock clock;
    private double tokens;
    private long filledNs;

    /** Make a full one. */
    Bucket(int perSecond, TurnClock clock) {
        this.perSecond = perSecond;
        this.clock = clock;
        this.tokens = perSecond;
        this.filledNs = clock.nowNs();
    }

    /** {@return whether there was one, which is gone then} */
    boolean take() {
        long nowNs = clock.nowNs();
        tokens = Math.min(perSecond, tokens + (nowNs - filledNs) / SECOND_NS * perSecond);
        filledNs = nowNs;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
