package dev.socketforwarder.runtime.streams.loop;

import java.time.Duration;

/** Counts what is not yet done, for one thread that waits for the end of it. Thread-safe. */
public final class Outstanding {
    private int count;

    /** Make one with nothing outstanding. */
    public Outstanding() {}

    /** One more is not yet done. */
    public synchronized void add() {
        count++;
    }

    /** One of them is done. */
    public synchronized void done() {
        if (--count == 0) {
            notifyAll();
        }
    }

    /**
     * Wait until nothing is outstanding, or the time is over, or the thread is interrupted (and stays so).
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
