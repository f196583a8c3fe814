package dev.socketforwarder.transport.tcp;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads for what takes long in TLS handshakes: signatures, and the verification of certificates. They are there
 * while there is something to do. A handshake has one task at a time, so there are no more tasks than connections that
 * shake hands. Thread-safe.
 */
final class TlsTasks implements AutoCloseable {
    private static final long IDLE_S = 10;

    private ExecutorService executor; // null: not needed yet

    /** Run it on one of at most {@code threads} threads. */
    synchronized void execute(Runnable task, int threads) {
        if (executor == null) {
            var factory = Thread.ofPlatform().name("tls-tasks-", 0).daemon().factory();
            var pool = new ThreadPoolExecutor(
                    threads, threads, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
            pool.allowCoreThreadTimeOut(true);
            executor = pool;
        }
        executor.execute(task);
    }

    /** Forget what has not begun: its connections are closed. */
    @Override
    public synchronized void close() {
        if (executor != null) {
            executor.shutdownNow();
            executor = null;
        }
    }
}
