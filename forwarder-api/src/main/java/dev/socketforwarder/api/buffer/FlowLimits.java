package dev.socketforwarder.api.buffer;

import java.time.Duration;

/**
 * Says when a member counts as full, and when as stalled.
 *
 * @param highWater a member is full above so many queued bytes; each piece of memory but the first counts for 64 more
 * @param lowWater a full member has room again below so many queued bytes; at most {@code highWater}
 * @param minDrain the bytes that a full member must take within each {@code stallTimeout}
 * @param stallTimeout how long a full member may take less
 */
public record FlowLimits(long highWater, long lowWater, long minDrain, Duration stallTimeout) {
    /** 1 MiB, 256 KiB, 16 KiB, 5 s. */
    public static final FlowLimits DEFAULT = new FlowLimits(1 << 20, 256 << 10, 16 << 10, Duration.ofSeconds(5));

    /**
     * Check the limits.
     *
     * @throws IllegalArgumentException if a limit is not positive, or the low mark is above the high one
     */
    public FlowLimits {
        if (lowWater < 1 || minDrain < 1 || highWater < lowWater || !stallTimeout.isPositive()) {
            throw new IllegalArgumentException("flow limits out of order");
        }
    }
}
