package dev.socketforwarder.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits until a condition is true, up to a time limit.
 *
 * @param limit the longest wait
 * @param verify throws if a broken promise that explains the failure is already known
 */
record BoundedWait(Duration limit, Runnable verify) {
    private static final long LOOK_NS = 500_000;

    /** Wait for a condition. If it is not true in time, throw an error for the promise; {@code seen} describes what was seen instead. */
    void await(Promise promise, String seen, BooleanSupplier condition) {
        if (!holds(condition)) {
            verify.run();
            throw promise.broken(seen + ", for " + limit.toSeconds() + " s");
        }
    }

    /** {@return whether a condition becomes true in time} */
    boolean holds(BooleanSupplier condition) {
        long endNs = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > endNs) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NS);
        }
        return true;
    }
}
