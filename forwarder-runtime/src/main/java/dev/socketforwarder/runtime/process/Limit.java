package dev.socketforwarder.runtime.process;

import java.time.Duration;

/** Bounds an operation that blocks: runs an action that ends the operation, unless the limit is lifted in time. */
public final class Limit implements AutoCloseable {
    private final Thread watch;

    private Limit(Thread watch) {
        this.watch = watch;
    }

    /**
     * Begin the time limit.
     *
     * @param late runs on another thread
     */
    public static Limit start(Duration time, Runnable late) {
        return new Limit(Thread.ofVirtual().name("limit").start(() -> {
            try {
                Thread.sleep(time);
                late.run();
            } catch (InterruptedException _) {
                // Lifted in time.
            }
        }));
    }

    /** Lift the limit: the action does not run, unless it has begun already. */
    public void lift() {
        watch.interrupt();
    }

    @Override
    public void close() {
        lift();
    }
}
