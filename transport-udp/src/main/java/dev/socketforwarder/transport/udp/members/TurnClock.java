package dev.socketforwarder.transport.udp.members;

import java.util.function.LongSupplier;

/**
 * Gives the time of the current turn. A turn needs no better precision, and reading the clock for each datagram would
 * cost too much. Used on the endpoint's thread.
 */
public final class TurnClock {
    private final LongSupplier nanoClock;
    private long nowNs;

    /** Make a clock that starts now. */
    public TurnClock(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        tick();
    }

    /** Read the clock. */
    public void tick() {
        nowNs = nanoClock.getAsLong();
    }

    /** {@return when the clock was last read, monotonic, in nanoseconds} */
    public long nowNs() {
        return nowNs;
    }
}
