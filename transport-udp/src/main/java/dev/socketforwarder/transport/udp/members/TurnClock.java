package dev.socketforwarder.transport.udp.members;

import java.util.function.LongSupplier;

/** The time, looked at once a turn: nobody needs it more exactly, and each datagram would ask. Used on the endpoint's thread. */
public final class TurnClock {
    private final LongSupplier nanoClock;
    private long nowNs;

    /** Make one that begins now. */
    public TurnClock(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        tick();
    }

    /** Look at the time. */
    public void tick() {
        nowNs = nanoClock.getAsLong();
    }

    /** {@return when it was looked at last, monotonic, in nanoseconds} */
    public long nowNs() {
        return nowNs;
    }
}
