package dev.socketforwarder.tests;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs actions at the same time, each on a thread of its own. */
final class Together implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> running = new ArrayList<>();

    /** One of the actions. */
    @FunctionalInterface
    interface Part {
        void run() throws Exception;
    }

    Together start(Part part) {
        running.add(threads.submit(() -> {
            part.run();
            return null;
        }));
        return this;
    }

    /** Wait for all, and throw the first failure. */
    void await() {
        await(Forwarder.LIMIT.multipliedBy(3));
    }

    /** Wait for all, up to this limit for each. */
    void await(Duration limit) {
        for (var each : running) {
            try {
                each.get(limit.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new AssertionError(e.getCause().getMessage(), e.getCause());
            } catch (InterruptedException | TimeoutException e) {
                throw new AssertionError("not all is done in time", e);
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
