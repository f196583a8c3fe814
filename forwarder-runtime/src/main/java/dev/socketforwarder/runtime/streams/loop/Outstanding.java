package dev.socketforwarder.runtime.streams.loop;

import java.time.Duration;

/** Counts what is not done yet, for one thread that waits until everything is done. Thread-safe. */
public final class Outstanding {
    private int count;

    /** Make a counter with nothing outstanding. */
    public Outstanding() {}

    /** Count one thing that is not done yet. */
    public synchronized void add() {
        count++;
    }

    /** Count one of those things as done. */
    public synchronized void done() {
        if (--count == 0) {
            notifyAll();
        }
    }

    /**
     * Wait until nothing is outstanding, the limit is over, or the thread is interrupted. The thread then stays
     * interrupted.
     *
     * @param limit the longest wait
     * @return whether nothing is outstanding
     */
    public synchronized boolean await(Duration limit) {
        long endNs = System.nanoTime() + limit.toNanos();
        try {
            while (count > 0) {
                long leftMs = (endNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    return false;
                }
                wait(leftMs);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return count == 0;
    }
}
