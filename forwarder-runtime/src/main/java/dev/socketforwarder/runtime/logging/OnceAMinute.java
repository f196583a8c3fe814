package dev.socketforwarder.runtime.logging;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Decides when a line that peers can provoke is logged: at most once a minute, so that they cannot fill the log. Thread-safe. */
public final class OnceAMinute {
    private static final long MINUTE_NS = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoClock;
    private final AtomicLong nextNs;

    public OnceAMinute(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.nextNs = new AtomicLong(nanoClock.getAsLong());
    }

    /** {@return whether a line is to be logged now; then no other one is due for a minute} */
    public boolean isDue() {
        long nowNs = nanoClock.getAsLong();
        long dueNs = nextNs.get();
        return nowNs - dueNs >= 0 && nextNs.compareAndSet(dueNs, nowNs + MINUTE_NS);
    }
}
