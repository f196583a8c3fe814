package dev.socketforwarder.transport.tcp;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads on which names are looked up, which may hang for minutes: a few, so that one that hangs holds up no other, and
 * thousands need no thousands. There while there is something to do. Thread-safe.
 */
final class Lookups implements Executor {
    private static final int MOST = 16;
    private static final long IDLE_S = 10;

    private final ThreadPoolExecutor pool;

    Lookups() {
        // Daemons: what cannot be interrupted must not keep the process from ending.
        var factory = Thread.ofPlatform().name("tcp-lookup-", 0).daemon().factory();
        pool = new ThreadPoolExecutor(MOST, MOST, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable lookup) {
        pool.execute(lookup);
    }
}
