package dev.socketforwarder.runtime.streams;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for what would hold up an event loop. They are there while there is something to do. The tasks that wait are
 * not bounded here: whoever leaves them has one at a time. Thread-safe.
 */
final class OffLoop implements AutoCloseable {
    private static final long IDLE_S = 10;

    private final String name;
    private ExecutorService executor; // null: not needed yet

    /** Make it without a thread; {@code name} is what the threads' names begin with. */
    OffLoop(String name) {
        this.name = name;
    }

    /** Run it on one of at most {@code threads} threads. */
    synchronized void execute(Runnable task, int threads) {
        if (executor == null) {
            // Daemons: what cannot be interrupted must not keep the process from ending.
            var factory = Thread.ofPlatform().name(name, 0).daemon().factory();
            var pool = new ThreadPoolExecutor(
                    threads, threads, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
            pool.allowCoreThreadTimeOut(true);
            executor = pool;
        }
        executor.execute(task);
    }

    /** Forget what has not begun: whoever wanted it is gone. */
    @Override
    public synchronized void close() {
        if (executor != null) {
            executor.shutdownNow();
            executor = null;
        }
    }
}
