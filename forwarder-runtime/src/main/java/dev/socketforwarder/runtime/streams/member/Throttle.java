package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.Rates;
import dev.socketforwarder.runtime.streams.loop.LoopGroup;
import dev.socketforwarder.runtime.streams.loop.RateLimit;

/**
 * Keeps a member to its own rate and to its group's rate, by pausing reads. The throttle knows nothing of pauses for
 * full members: a member is read while neither kind of pause holds it back. Used on the group's loop.
 */
final class Throttle {
    private static final int BURSTS_PER_SECOND = 4;

    private final Reading reading;
    private final LoopGroup group;
    private final RateLimit own; // null: the member has no rate of its own
    private final Runnable release = this::release;
    private boolean waits;
    private Deadlines.Deadline wakeup; // null: none is due, or the group's wakeup releases the member

    Throttle(Reading reading, LoopGroup group, Rates rates) {
        this.reading = reading;
        this.group = group;
        this.own = rates.member() == 0 ? null : rate(rates.member());
        if (rates.group() > 0) {
            group.limitRate(rate(rates.group()));
        }
    }

    private static RateLimit rate(long bytesPerSecond) {
        long burst = Math.max(1, bytesPerSecond / BURSTS_PER_SECOND);
        return new RateLimit(bytesPerSecond, burst, Math.max(1, burst / 8), System::nanoTime);
    }

    /** {@return whether nothing may be read until {@link Reading#unthrottled}} */
    boolean waits() {
        return waits;
    }

    /** {@return how many bytes may be read now, at most {@code wanted}; 0: the member waits until it is released} */
    int grant(int wanted) {
        long granted = wanted;
        if (own != null) {
            granted = Math.min(granted, own.available());
            if (granted == 0) {
                hold();
                wakeup = group.loop().deadlines().in(own.waitNs(), this::release);
                return 0;
            }
        }
        granted = Math.min(granted, group.grant());
        if (granted == 0) {
            hold();
            group.await(release);
        }
        return (int) granted;
    }

    private void hold() {
        waits = true;
        reading.countThrottled();
    }

    /** Count {@code n} bytes as read. */
    void took(long n) {
        if (own != null) {
            own.take(n);
        }
        group.took(n);
    }

    /** Tokens are available again, so read on. */
    void release() {
        if (waits) {
            waits = false;
            wakeup = null;
            reading.unthrottled();
        }
    }

    void end() {
        waits = false;
        if (wakeup != null) {
            wakeup.cancel();
        }
    }
}
