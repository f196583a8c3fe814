package dev.socketforwarder.runtime.logging;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * An output that keeps a stalled reader from stalling the writers: event loops log, and strangers can cause the lines.
 * Lines wait in a bounded queue for the thread that writes them. Lines that do not fit are lost, and one line tells how
 * many. Thread-safe.
 */
final class QueuedOutput extends OutputStream {
    private static final int MOST_LINES = 4_096;

    private final OutputStream out;
    private final LongFunction<byte[]> lossLine;
    private final ArrayBlockingQueue<byte[]> lines = new ArrayBlockingQueue<>(MOST_LINES);
    private final AtomicLong lost = new AtomicLong();
    private int unwritten; // guarded by this
    private Thread writer; // null until the start

    /**
     * Make an output that has not started.
     *
     * @param lossLine makes the line that says how many lines were lost
     */
    QueuedOutput(OutputStream out, LongFunction<byte[]> lossLine) {
        this.out = out;
        this.lossLine = lossLine;
    }

    /** Start the thread that writes. */
    QueuedOutput start() {
        writer = Thread.ofPlatform().name("log-writer").daemon().start(this::run);
        return this;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    /** Queue one or more whole lines. Never blocks. */
    @Override
    public void write(byte[] bytes, int offset, int length) {
        count(1);
        if (!lines.offer(Arrays.copyOfRange(bytes, offset, offset + length))) {
            count(-1);
            lost.incrementAndGet();
        }
    }

    private synchronized void count(int more) {
        unwritten += more;
        if (unwritten == 0) {
            notifyAll();
        }
    }

    private void run() {
        try {
            while (true) {
                writeLine(lines.take());
            }
        } catch (InterruptedException _) {
            for (var line = lines.poll(); line != null; line = lines.poll()) {
                writeLine(line);
            }
        }
    }

    private void writeLine(byte[] line) {
        writeOut(line);
        count(-1);
        long missing = lost.getAndSet(0);
        if (missing > 0) {
            writeOut(lossLine.apply(missing));
        }
    }

    private void writeOut(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException _) {
            // The log has no reader any more, and no other place could say so.
        }
    }

    /** Take no more lines. The thread ends when the queued ones are written. The underlying output stays open. */
    @Override
    public void close() {
        writer.interrupt();
    }

    /** Wait until all lines are written, or the limit is over. */
    synchronized void drain(Duration limit) {
        long endNs = System.nanoTime() + limit.toNanos();
        try {
            while (unwritten > 0) {
                long leftMs = (endNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    return;
                }
                wait(leftMs);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
