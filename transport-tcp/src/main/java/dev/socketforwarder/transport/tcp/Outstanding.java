package dev.socketforwarder.transport.tcp;

import java.time.Duration;

/** Counts what is not yet done, for one thread that waits for the end of it. Thread-safe. */
final class Outstanding {
    private int count;

    synchronized void add() {
        count++;
    }

    synchronized void done() {
        if (--count == 0) {
            notifyAll();
        }
    }

    /** Wait until nothing is outstanding, or the time is over, or the thread is interrupted (and stays so). */
    synchronized void await(Duration limit) {
        long endNs = System.nanoTime() + limit.toNanos();
        try {
            while (count > 0) {
                long leftMs = (endNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    return;
                }
                wait(leftMs);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
