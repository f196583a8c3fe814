package dev.socketforwarder.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/** The lines that a process writes to one of its outputs, as they come. */
final class Lines {
    private final List<String> lines = new ArrayList<>();
    private final Semaphore reading = new Semaphore(1);
    private boolean ended;

    /** Read {@code in} to its end, on a thread of its own. */
    static Lines of(InputStream in) {
        var lines = new Lines();
        Thread.ofPlatform().daemon().name("lines").start(() -> lines.readAll(in));
        return lines;
    }

    private void readAll(InputStream in) {
        try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                add(line);
                reading.acquireUninterruptibly(); // waits while the output is stuck
                reading.release();
            }
        } catch (IOException _) {
            // The process was killed.
        } finally {
            end();
        }
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    /**
     * Stop reading, so that the process finds its output stuck once the pipe is full.
     *
     * @return resumes reading
     */
    Runnable stick() {
        reading.acquireUninterruptibly();
        return reading::release;
    }

    /** {@return the lines so far} */
    synchronized List<String> soFar() {
        return List.copyOf(lines);
    }

    /** {@return the matching lines so far} */
    List<String> matching(Predicate<String> wanted) {
        return soFar().stream().filter(wanted).toList();
    }

    /**
     * Wait for the {@code count}th matching line.
     *
     * @return that line
     */
    synchronized String await(int count, Predicate<String> wanted, String what, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            var found = lines.stream().filter(wanted).skip(count - 1L).findFirst();
            if (found.isPresent()) {
                return found.get();
            }
            long left = deadline - System.nanoTime();
            if (ended || left <= 0) {
                throw new AssertionError((ended ? "the process ended without " : "not within " + limit + ": ") + what
                        + "; it said:\n" + this);
            }
            try {
                wait(left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Wait until the process has closed this output. */
    synchronized List<String> awaitEnd(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!ended) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("the output was not closed; it said:\n" + this);
            }
            try {
                wait(left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return List.copyOf(lines);
    }

    @Override
    public synchronized String toString() {
        return String.join("\n", lines);
    }
}
