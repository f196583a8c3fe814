package dev.socketforwarder.runtime.streams.dial;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: each time up to twice as long as the time before, up to a longest. A part of it
 * is chance, so that many who lost the same server do not come back to it at once.
 */
final class BackOff {
    static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(500);
    static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(30);

    private final RandomGenerator random;
    private long mostNs = FIRST_NS;

    BackOff(RandomGenerator random) {
        this.random = random;
    }

    /** {@return the next pause, from the half to the whole of what it may be} */
    long nextNs() {
        long halfNs = mostNs / 2;
        mostNs = Math.min(2 * mostNs, LONGEST_NS);
        return halfNs + random.nextLong(halfNs + 1);
    }

    /** All is well: begin anew. */
    void reset() {
        mostNs = FIRST_NS;
    }
}
