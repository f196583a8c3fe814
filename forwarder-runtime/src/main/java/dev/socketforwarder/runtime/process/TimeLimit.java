package dev.socketforwarder.runtime.process;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Waits for code of a plugin on a thread of its own, which is left behind if it does not come to an end. */
public final class TimeLimit {
    /** How much longer code may take that the process waits for while it stops. */
    public static final Duration AT_STOP = Duration.ofMillis(500);

    private static final long LOOK_MS = 50;
    private static final long AFTER_STOP_NS = AT_STOP.toNanos();

    private TimeLimit() {}

    /**
     * Call it.
     *
     * @param name of the thread
     * @param limit the longest wait
     * @param isStopped whether the process is asked to stop: then it has half a second
     * @throws TimeoutException if it has not returned by then
     * @throws ExecutionException if it threw
     */
    public static <T> T call(String name, Duration limit, BooleanSupplier isStopped, Callable<T> code)
            throws TimeoutException, ExecutionException {
        return call(name, limit, isStopped, code, () -> {});
    }

    /** Call it; {@code late} is run on the same thread if the code comes to an end after it was given up. */
    public static <T> T call(String name, Duration limit, BooleanSupplier isStopped, Callable<T> code, Runnable late)
            throws TimeoutException, ExecutionException {
        var task = new FutureTask<>(code);
        Thread.ofPlatform().daemon().name(name).start(() -> {
            task.run();
            if (task.isCancelled()) {
                late.run();
            }
        });
        long endNs = System.nanoTime() + limit.toNanos();
        boolean isEnding = false;
        while (true) {
            try {
                return task.get(LOOK_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!isEnding && isStopped.getAsBoolean()) {
                    isEnding = true;
                    endNs = Math.min(endNs, System.nanoTime() + AFTER_STOP_NS);
                }
                // If it cannot be cancelled it has just returned.
                if (System.nanoTime() - endNs >= 0 && task.cancel(false)) {
                    throw e;
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                task.cancel(false);
                throw new TimeoutException("interrupted");
            }
        }
    }
}
