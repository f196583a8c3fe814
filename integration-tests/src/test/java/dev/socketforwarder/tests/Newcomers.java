package dev.socketforwarder.tests;

import java.io.UncheckedIOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Clients that join again and again, whichever process they meet. Needs {@code join-reply: "#joined"}. */
final class Newcomers implements AutoCloseable {
    private static final long PAUSE_NS = 3_000_000;

    private final Queue<String> refused = new ConcurrentLinkedQueue<>();
    private final Queue<String> dropped = new ConcurrentLinkedQueue<>();
    private final AtomicInteger joined = new AtomicInteger();
    private final AtomicLong slowestMs = new AtomicLong();
    private volatile boolean done;

    /** Connect and join so many times, or until {@link #finish}. */
    void join(int times, Supplier<TcpClient> connect) {
        for (int i = 0; i < times && !done; i++) {
            long begun = System.nanoTime();
            TcpClient connected;
            try {
                connected = connect.get();
            } catch (UncheckedIOException e) {
                // A reset ends what waited in an accept queue, even if the client has not noticed that it is connected.
                (e.getMessage().contains("Connection reset") ? dropped : refused).add(e.getMessage());
                continue;
            }
            try (var client = connected.join("lines-newcomers")) {
                client.expect("#joined\n");
                joined.incrementAndGet();
                slowestMs.accumulateAndGet((System.nanoTime() - begun) / 1_000_000, Math::max);
            } catch (UncheckedIOException | AssertionError e) {
                dropped.add(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Connect and join until {@link #finish}, a few hundred times a second at most. */
    void joinAgainAndAgain(Supplier<TcpClient> connect) {
        while (!done) {
            join(1, connect);
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    boolean areDone() {
        return done;
    }

    /** {@return the errors of those that could not connect} */
    Queue<String> refused() {
        return refused;
    }

    /** {@return the errors of those whose connection ended before the forwarder replied} */
    Queue<String> dropped() {
        return dropped;
    }

    /** {@return how many have joined} */
    int joined() {
        return joined.get();
    }

    /** {@return how long the slowest took to join, in milliseconds} */
    long slowestMs() {
        return slowestMs.get();
    }

    void finish() {
        done = true;
    }

    @Override
    public void close() {
        finish();
    }
}
