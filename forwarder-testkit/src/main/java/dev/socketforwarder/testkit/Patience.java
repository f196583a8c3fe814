package dev.socketforwarder.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for what must come to pass, as long as it takes, up to a limit.
 *
 * @param verify throws if it is known already what went wrong
 */
record Patience(Duration limit, Runnable verify) {
    private static final long LOOK_NS = 500_000;

    /** Wait for it; if it does not come to pass, the promise is broken: {@code seen} tells what is seen instead. */
    void await(Promise promise, String seen, BooleanSupplier condition) {
        if (!comes(condition)) {
            verify.run();
            throw promise.broken(seen + ", for " + limit.toSeconds() + " s");
        }
    }

    /** {@return whether it comes to pass} */
    boolean comes(BooleanSupplier condition) {
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
