package dev.socketforwarder.transport.udp.members;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Finds registrations that nobody refreshed for the time of a lease, or up to an eighth of it longer: one sweep looks at all
 * of them, when the first could have expired. Used on the endpoint's thread.
 */
final class Leases {
    private static final int PARTS = 8;
    private static final int NEVER = -1;
    private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final long leaseNs;
    private final TurnClock clock;
    private final boolean waitsForOthers;
    private boolean due;
    private boolean putOff;
    private long sweepNs;

    /**
     * Make one.
     *
     * @param lease 0 is for ever, so that it finds nothing
     * @param waitsForOthers whether other threads have sockets too, where registrations may be refreshed
     */
    Leases(Duration lease, TurnClock clock, boolean waitsForOthers) {
        this.waitsForOthers = waitsForOthers;
        this.leaseNs = lease.toNanos();
        this.clock = clock;
    }

    /** There is a new registration. */
    void begin() {
        if (leaseNs > 0 && !due) {
            due = true;
            sweepNs = clock.nowNs() + leaseNs;
        }
    }

    /** {@return how long to wait for the next sweep, rounded up to milliseconds; -1: for ever} */
    int waitMs() {
        if (!due) {
            return NEVER;
        }
        long restNs = Math.max(0, sweepNs - clock.nowNs());
        return (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(restNs + 999_999));
    }

    /** {@return those of {@code registrations} that had expired by {@code nowNs}, if it was time for a sweep} */
    List<Registration> expired(Collection<Registration> registrations, long nowNs) {
        if (!due || nowNs - sweepNs < 0) {
            return List.of();
        }
        if (waitsForOthers && !putOff && nowNs - sweepNs > LATE_NS) {
            putOff = true; // the process was paused: the others may not have come to what they have yet
            sweepNs = nowNs + LATE_NS;
            return List.of();
        }
        putOff = false;
        due = false;
        long longestSilenceNs = 0;
        var expired = new ArrayList<Registration>();
        for (var each : registrations) {
            if (each.isPreconfigured()) {
                continue;
            }
            long silenceNs = nowNs - each.heardNs();
            if (silenceNs >= leaseNs) {
                expired.add(each);
            } else {
                due = true;
                longestSilenceNs = Math.max(longestSilenceNs, silenceNs);
            }
        }
        // Not each at its own time, where many came one after the other.
        sweepNs = nowNs + Math.max(leaseNs - longestSilenceNs, leaseNs / PARTS);
        return expired;
    }
}
