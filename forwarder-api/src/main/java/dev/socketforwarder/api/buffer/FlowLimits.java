package dev.socketforwarder.api.buffer;

import java.time.Duration;

/**
 * Defines when a member is full and when it is stalled.
 *
 * @param highWater a member becomes full above this many queued bytes; each range of bytes in the queue after the first adds 64
 *     to the sum
 * @param lowWater a full member has room again below this many queued bytes; at most {@code highWater}
 * @param minDrain how many bytes a full member must take within each {@code stallTimeout}
 * @param stallTimeout for how long a full member may take fewer bytes before it is stalled
 */
public record FlowLimits(long highWater, long lowWater, long minDrain, Duration stallTimeout) {
    /** The default limits: 1 MiB, 256 KiB, 16 KiB and 5 s. */
    public static final FlowLimits DEFAULT = new FlowLimits(1 << 20, 256 << 10, 16 << 10, Duration.ofSeconds(5));

    /**
     * Check the limits.
     *
     * @throws IllegalArgumentException if a limit is not positive, or the low-water mark is above the high-water mark
     */
    public FlowLimits {
        if (lowWater < 1 || minDrain < 1 || highWater < lowWater || !stallTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "flow limits must be positive, and the low-water mark at most the high-water mark");
        }
    }
}
