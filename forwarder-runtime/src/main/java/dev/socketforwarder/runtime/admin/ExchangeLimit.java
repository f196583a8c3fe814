package dev.socketforwarder.runtime.admin;

import dev.socketforwarder.runtime.process.Limit;
import java.io.IOException;
import java.time.Duration;

/**
 * Bounds how long a client may keep an exchange waiting. The JDK's server bounds only how long it reads a request, so a client that
 * did not read its answer would hold its place for ever. An interrupt of the thread that waits closes the connection.
 */
final class ExchangeLimit {
    static final Duration LONGEST = Duration.ofSeconds(10);

    private static final ScopedValue<Limit> CURRENT = ScopedValue.newInstance();

    /** A step that may wait for the client. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    private ExchangeLimit() {}

    /** Carry out an exchange on this thread, from its first byte to its last. */
    static void run(Runnable exchange) {
        try (var limit = Limit.start(LONGEST, Thread.currentThread()::interrupt)) {
            ScopedValue.where(CURRENT, limit).run(exchange);
        }
    }

    /** Stop bounding the whole exchange, because its answer goes on. Each step is bounded instead. */
    static void lift() {
        CURRENT.get().lift();
    }

    /** Take one step of an answer that goes on. */
    static void step(Step step) throws IOException {
        try (var _ = Limit.start(LONGEST, Thread.currentThread()::interrupt)) {
            step.run();
        }
    }
}
