package dev.socketforwarder.transport.udp.members;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Finds registrations that were not refreshed within the lease, at most an eighth of the lease late. One sweep checks
 * all of them, at the earliest time when one can have expired. Used on the endpoint's thread.
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
     * Make leases without registrations.
     *
     * @param lease how long a registration lasts; 0 means for ever
     * @param waitsForOthers whether other threads may refresh registrations too
     */
    Leases(Duration lease, TurnClock clock, boolean waitsForOthers) {
        this.waitsForOthers = waitsForOthers;
        this.leaseNs = lease.toNanos();
        this.clock = clock;
    }

    /** Note a new registration. */
    void begin() {
        begin(clock.nowNs());
    }

    /** Note a registration that was heard last at {@code heardNs}. */
    void begin(long heardNs) {
        if (leaseNs > 0 && (!due || heardNs + leaseNs - sweepNs < 0)) {
            due = true;
            sweepNs = heardNs + leaseNs;
        }
    }

    /** {@return the time until the next sweep, rounded up to milliseconds; -1 if there is none} */
    int waitMs() {
        if (!due) {
            return NEVER;
        }
        long restNs = Math.max(0, sweepNs - clock.nowNs());
        return (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(restNs + 999_999));
    }

    /** {@return the registrations that had expired by {@code nowNs}; empty if no sweep is due} */
    List<Registration> expired(Collection<Registration> registrations, long nowNs) {
        if (!due || nowNs - sweepNs < 0) {
            return List.of();
        }
        if (waitsForOthers && !putOff && nowNs - sweepNs > LATE_NS) {
            putOff = true; // after a pause of the process, other threads may still have refreshing datagrams to read
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
        // At least a part of the lease later, so that registrations made one after the other share a sweep.
        sweepNs = nowNs + Math.max(leaseNs - longestSilenceNs, leaseNs / PARTS);
        return expired;
    }
}
