package dev.socketforwarder.tests;

import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends noise through one client as fast as possible, on a thread of its own. */
final class Flood {
    private static final int CHUNK = 16_384;

    private final TcpClient client;
    private final AtomicLong sent = new AtomicLong();
    private final CompletableFuture<Long> done = new CompletableFuture<>();
    private volatile boolean stopped;

    private Flood(TcpClient client) {
        this.client = client;
    }

    /** Start a flood, which ends after {@code total} bytes or when it is told to. */
    static Flood start(TcpClient client, Noise noise, long total) {
        var flood = new Flood(client);
        Thread.ofPlatform().daemon().name("flood").start(() -> flood.run(noise, total));
        return flood;
    }

    private void run(Noise noise, long total) {
        try {
            var chunk = new byte[CHUNK];
            while (!stopped && sent.get() < total) {
                int n = (int) Math.min(CHUNK, total - sent.get());
                noise.copy(sent.get(), chunk, n);
                client.send(chunk, 0, n);
                sent.addAndGet(n);
            }
            done.complete(sent.get());
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
        }
    }

    /** {@return how many bytes the kernel has taken so far} */
    long sent() {
        return sent.get();
    }

    boolean isDone() {
        return done.isDone();
    }

    /** Wait until it makes no progress, since the forwarder does not read. */
    void awaitPaused() {
        var last = new long[] {-1, 0};
        await("that the sender is paused")
                .atMost(Forwarder.LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    long now = sent.get();
                    if (now != last[0]) {
                        last[0] = now;
                        last[1] = System.nanoTime();
                    }
                    return now > 0 && System.nanoTime() - last[1] > 500_000_000L;
                });
        if (done.isDone()) {
            throw new AssertionError("not paused: all was sent");
        }
    }

    /** Wait until it has sent more than {@code bytes}. */
    void awaitSent(long bytes) {
        await("that the sender goes on")
                .atMost(Forwarder.LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> sent.get() > bytes);
    }

    /** Stop sending. */
    Flood stop() {
        stopped = true;
        return this;
    }

    /** {@return how many bytes were sent in total, at the end} */
    long total() {
        try {
            return done.get(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("the flood failed after " + sent.get() + " bytes", e);
        }
    }

    /** Check that {@code client} receives the noise from {@code position} on. */
    static void expect(TcpClient client, Noise noise, long position, long count) {
        var buffer = new byte[65_536];
        for (long at = position; at < position + count; ) {
            var part = count - (at - position) < buffer.length ? new byte[(int) (count - (at - position))] : buffer;
            int n;
            try {
                n = client.receive(part);
            } catch (UncheckedIOException e) {
                throw new AssertionError("at " + at + " of " + (position + count) + ": " + e.getMessage(), e);
            }
            if (n < 0) {
                throw new AssertionError("the stream ended at " + at + " of " + (position + count));
            }
            noise.check(at, part, n);
            at += n;
        }
    }

    /** {@return how many bytes of noise came before the stream's orderly end} */
    static long expectUntilEnd(TcpClient client, Noise noise, long position) {
        var buffer = new byte[65_536];
        long at = position;
        for (int n = client.receive(buffer); n >= 0; n = client.receive(buffer)) {
            noise.check(at, buffer, n);
            at += n;
        }
        return at - position;
    }
}
