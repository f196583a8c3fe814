package dev.socketforwarder.runtime.admin;

import dev.socketforwarder.api.kit.AddressText;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Logs wrong tokens, at most one line a second: a client that guesses must not fill the disk. Thread-safe. */
final class WrongTokens {
    private static final Logger LOG = System.getLogger(WrongTokens.class.getName());
    private static final long PAUSE_NS = Duration.ofSeconds(1).toNanos();

    private final LongSupplier nanoClock;

    // Guarded by this.
    private long loggedNs;
    private long unlogged;

    WrongTokens(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.loggedNs = nanoClock.getAsLong() - PAUSE_NS;
    }

    synchronized void log(InetSocketAddress from) {
        long nowNs = nanoClock.getAsLong();
        if (nowNs - loggedNs < PAUSE_NS) {
            unlogged++;
            return;
        }
        LOG.log(
                Level.INFO,
                "admin refused " + AddressText.of(from) + ": wrong token"
                        + (unlogged == 0 ? "" : "; " + unlogged + " more since the last such line"));
        loggedNs = nowNs;
        unlogged = 0;
    }
}
