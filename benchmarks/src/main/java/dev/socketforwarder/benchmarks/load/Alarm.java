package dev.socketforwarder.benchmarks.load;

import java.io.Closeable;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls at a set time, with the kernel's precision: a selector alone waits in whole milliseconds, and one that is asked
 * again and again takes a processor from the servers.
 */
final class Alarm implements Closeable {
    private static final long NEVER = Long.MAX_VALUE;

    private final Runnable callee;
    private final Thread thread = Thread.ofPlatform().daemon().name("alarm").unstarted(this::run);
    private volatile long atNs = NEVER;
    private volatile boolean closed;

    /** Make one that calls nobody until {@link #set}. */
    Alarm(Runnable callee) {
        this.callee = callee;
        thread.start();
    }

    /** Call at this time of {@link Message#now}, and not at an earlier one that was set. */
    void set(long ns) {
        boolean isEarlier = ns < atNs;
        atNs = ns;
        if (isEarlier) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!closed) {
            long untilNs = atNs - Message.now();
            if (untilNs > 0) {
                LockSupport.parkNanos(this, untilNs);
            } else {
                atNs = NEVER;
                callee.run();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
