package dev.socketforwarder.runtime.streams.loop;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Threads for what would hold up an event loop, any task after the other. Names are looked up elsewhere ({@link
 * dev.socketforwarder.api.kit.Lookups}): all these threads could hang in a name service, and each of these tasks has to be done, though
 * several ask for the same. The threads are there while there is something to do. The tasks that wait are not bounded here:
 * whoever leaves them has one at a time. Thread-safe.
 */
public final class Offload implements AutoCloseable {
    private static final long IDLE_S = 10;

    private final String name;
    private final IntSupplier threads;
    private ExecutorService executor; // null: not needed yet

    /**
     * Make it without a thread.
     *
     * @param name what the threads' names begin with
     * @param threads how many there may be, asked when the first is needed
     */
    public Offload(String name, IntSupplier threads) {
        this.name = name;
        this.threads = threads;
    }

    /** Run it on one of the threads. */
    public synchronized void execute(Runnable task) {
        if (executor == null) {
            // Daemons: what cannot be interrupted must not keep the process from ending.
            var factory = Thread.ofPlatform().name(name, 0).daemon().factory();
            int most = threads.getAsInt();
            var pool =
                    new ThreadPoolExecutor(most, most, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
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
