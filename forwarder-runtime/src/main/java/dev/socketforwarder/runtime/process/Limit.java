package dev.socketforwarder.runtime.process;

import java.time.Duration;

/** Does something if it is not lifted in time. It bounds an operation that blocks, and what it does ends that operation. */
public final class Limit implements AutoCloseable {
    private final Thread watch;

    private Limit(Thread watch) {
        this.watch = watch;
    }

    /**
     * Begin to wait.
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

    /** Do nothing any more, unless it has begun. */
    public void lift() {
        watch.interrupt();
    }

    @Override
    public void close() {
        lift();
    }
}
