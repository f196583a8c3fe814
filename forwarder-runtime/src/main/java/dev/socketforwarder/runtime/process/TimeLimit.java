package dev.socketforwarder.runtime.process;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Runs foreign code on a thread of its own and waits for it, up to a limit. Code that does not return is left behind.
 */
public final class TimeLimit {
    /** How much longer the process waits for such code while it stops. */
    public static final Duration AT_STOP = Duration.ofMillis(500);

    private static final long LOOK_MS = 50;
    private static final long AFTER_STOP_NS = AT_STOP.toNanos();

    private TimeLimit() {}

    /**
     * Call the code.
     *
     * @param name the name of the thread
     * @param limit the longest wait
     * @param isStopped whether the process was asked to stop, which shortens the wait to half a second
     * @throws TimeoutException if the code has not returned in time
     * @throws ExecutionException if the code threw
     */
    public static <T> T call(String name, Duration limit, BooleanSupplier isStopped, Callable<T> code)
            throws TimeoutException, ExecutionException {
        return call(name, limit, isStopped, code, () -> {});
    }

    /** Call the code. If it returns after the wait was given up, {@code late} runs on the same thread. */
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
                // If the task cannot be cancelled, it has just returned.
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
