package dev.socketforwarder.runtime.streams.dial;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long to pause before the next attempt. Each pause may be up to twice as long as the one before, up to a longest
 * pause. Part of each pause is random, so that many forwarders that lost the same server do not return to it at once.
 */
final class BackOff {
    static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(500);
    static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(30);

    private final RandomGenerator random;
    private long mostNs = FIRST_NS;

    BackOff(RandomGenerator random) {
        this.random = random;
    }

    /** {@return the next pause in nanoseconds, between half of the current longest pause and the whole} */
    long nextNs() {
        long halfNs = mostNs / 2;
        mostNs = Math.min(2 * mostNs, LONGEST_NS);
        return halfNs + random.nextLong(halfNs + 1);
    }

    /** Begin anew with short pauses, because a connection has held. */
    void reset() {
        mostNs = FIRST_NS;
    }
}
