package dev.socketforwarder.runtime.streams.loop;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Threads for tasks that would hold up an event loop. Every task runs, even if several tasks do the same. Name lookups
 * run elsewhere ({@link dev.socketforwarder.api.kit.Lookups}), because a name service that hangs could hold all of
 * these threads. The threads exist only while there are tasks. Waiting tasks are not bounded here, since each caller
 * has at most one task at a time. Thread-safe.
 */
public final class Offload implements AutoCloseable {
    private static final long IDLE_S = 10;

    private final String name;
    private final IntSupplier threads;
    private ExecutorService executor; // null: not needed yet

    /**
     * Make an offload that has no thread yet.
     *
     * @param name the beginning of the threads' names
     * @param threads how many threads there may be; asked when the first thread is needed
     */
    public Offload(String name, IntSupplier threads) {
        this.name = name;
        this.threads = threads;
    }

    /** Run the task on one of the threads. */
    public synchronized void execute(Runnable task) {
        if (executor == null) {
            // Daemon threads, since a task that cannot be interrupted must not keep the process from ending.
            var factory = Thread.ofPlatform().name(name, 0).daemon().factory();
            int most = threads.getAsInt();
            var pool =
                    new ThreadPoolExecutor(most, most, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
            pool.allowCoreThreadTimeOut(true);
            executor = pool;
        }
        executor.execute(task);
    }

    /** Drop the tasks that have not begun, because their callers are gone. */
    @Override
    public synchronized void close() {
        if (executor != null) {
            executor.shutdownNow();
            executor = null;
        }
    }
}
