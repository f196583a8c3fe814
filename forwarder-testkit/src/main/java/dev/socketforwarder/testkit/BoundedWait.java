package dev.socketforwarder.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits until a condition holds, up to a limit.
 *
 * @param limit the longest wait
 * @param verify throws if the cause of a failure is known already
 */
record BoundedWait(Duration limit, Runnable verify) {
    private static final long LOOK_NS = 500_000;

    /** Wait for a condition. If it does not hold in time, the promise is broken; {@code seen} says what is seen instead. */
    void await(Promise promise, String seen, BooleanSupplier condition) {
        if (!holds(condition)) {
            verify.run();
            throw promise.broken(seen + ", for " + limit.toSeconds() + " s");
        }
    }

    /** {@return whether a condition holds in time} */
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
