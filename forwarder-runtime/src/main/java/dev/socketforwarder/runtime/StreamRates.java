package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.RateLimit;
import dev.socketforwarder.api.Rates;
import java.util.HashMap;
import java.util.Map;

/** How fast the members of a {@link StreamServer} may be read, each and all of a group together. On its loop. */
final class StreamRates {
    private static final int BURSTS_PER_SECOND = 4;

    private final Deadlines deadlines;
    private final Map<GroupId, Shared> groups = new HashMap<>();

    private static final class Shared {
        private final RateLimit rate;
        private int members;

        Shared(RateLimit rate) {
            this.rate = rate;
        }
    }

    StreamRates(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    /** {@return what one member heeds; it must {@link OfMember#leave}} */
    OfMember join(GroupId group, Rates rates, Runnable release) {
        if (rates.group() > 0) {
            groups.computeIfAbsent(group, _ -> new Shared(limit(rates.group()))).members++;
        }
        return new OfMember(group, rates, release);
    }

    private static RateLimit limit(long bytesPerSecond) {
        long burst = Math.max(1, bytesPerSecond / BURSTS_PER_SECOND);
        return new RateLimit(bytesPerSecond, burst, Math.max(1, burst / 8), System::nanoTime);
    }

    /** One member's part. */
    final class OfMember {
        private final GroupId group;
        private final RateLimit own; // null: none
        private final Shared shared; // null: none
        private final Runnable release;
        private boolean waits;
        private boolean gone;

        private OfMember(GroupId group, Rates rates, Runnable release) {
            this.group = group;
            this.own = rates.member() == 0 ? null : limit(rates.member());
            this.shared = rates.group() == 0 ? null : groups.get(group);
            this.release = release;
        }

        /** {@return whether nothing may be read until it is released} */
        boolean waits() {
            return waits;
        }

        /** {@return how many bytes may be read now, at most {@code wanted}; 0: it waits, and is released} */
        int grant(int wanted) {
            long granted = wanted;
            if (own != null) {
                granted = Math.min(granted, available(own));
            }
            if (shared != null && granted > 0) {
                granted = Math.min(granted, available(shared.rate));
            }
            return (int) granted;
        }

        private long available(RateLimit rate) {
            long available = rate.available();
            if (available == 0) {
                waits = true;
                deadlines.in(rate.waitNs(), this::release);
            }
            return available;
        }

        private void release() {
            if (waits && !gone) {
                waits = false;
                release.run();
            }
        }

        void took(int n) {
            if (own != null) {
                own.take(n);
            }
            if (shared != null) {
                shared.rate.take(n);
            }
        }

        void leave() {
            gone = true;
            if (shared != null && --shared.members == 0) {
                groups.remove(group);
            }
        }
    }
}
