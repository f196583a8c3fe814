package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The longest wait for something that should come soon. */
final class Patience {
    /** Seldom enough that the wait takes no processor from what it waits for. */
    private static final long PAUSE_NS = 500_000;

    private final String awaited;
    private final long endNs;

    Patience(String awaited, Duration limit) {
        this.awaited = awaited;
        this.endNs = System.nanoTime() + limit.toNanos();
    }

    /** Wait a moment. */
    void pause() throws IOException {
        check();
        LockSupport.parkNanos(PAUSE_NS);
    }

    /** Fail if it has lasted too long. */
    void check() throws IOException {
        if (System.nanoTime() - endNs > 0) {
            throw new IOException("waited in vain: " + awaited);
        }
    }
}
