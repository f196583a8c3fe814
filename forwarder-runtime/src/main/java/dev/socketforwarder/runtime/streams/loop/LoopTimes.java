package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.runtime.process.Histogram;

/**
 * Measures how long an event loop works, and how long the loop takes to forward: from the selector's report of
 * something to read until the last member has been written to. The loop's thread measures; any thread may read.
 */
public final class LoopTimes {
    private final Histogram forwarding = new Histogram();
    private long begunNs;
    private boolean isBegun;
    private long busyNs;

    /** Begin the turn with this event, unless the turn has begun already. */
    void begin() {
        if (!isBegun) {
            isBegun = true;
            begunNs = System.nanoTime();
        }
    }

    /**
     * End the turn.
     *
     * @param hasForwarded whether anything was read for a group
     */
    void end(boolean hasForwarded) {
        long tookNs = System.nanoTime() - begunNs;
        isBegun = false;
        busyNs += tookNs;
        if (hasForwarded) {
            forwarding.add(tookNs);
        }
    }

    /** {@return since when the present turn goes on, as of {@link System#nanoTime}; 0 if the loop waits} */
    long turnSinceNs() {
        return isBegun ? begunNs : 0;
    }

    /** {@return how long the loop has worked in all, in nanoseconds} */
    public long busyNs() {
        return busyNs;
    }

    /** {@return the times that forwarding took, in nanoseconds} The loop goes on counting them. */
    public Histogram forwarding() {
        return forwarding;
    }
}
