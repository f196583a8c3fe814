package dev.socketforwarder.api;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * What is due at a time, on one thread: an event loop's, which waits no longer than {@link #millisToNext}.
 *
 * <p>What is awaited may have come in time though nobody has looked, when the process was paused. So a loop notes the time,
 * polls, without waiting if something {@link #isDue}, serves what it found, and only then lets pass what was due at the time it
 * noted: {@link #expire(long)}.
 */
public final class Deadlines {
    private static final Logger LOG = System.getLogger(Deadlines.class.getName());
    private static final int FEW = 64;
    /** Who is later than this was held up, or the whole process was. */
    private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /** Then what is awaited gets so much more: to be answered, say, by threads and peers that were held up too. */
    private static final long MORE_NS = TimeUnit.SECONDS.toNanos(2);

    /** Something due. */
    public final class Deadline implements Comparable<Deadline> {
        private long atNs; // never changed while it is queued
        private Runnable action;
        private boolean postponed;

        private Deadline(long atNs, Runnable action) {
            this.atNs = atNs;
            this.action = action;
        }

        /** Forget it. Costs little, and what is forgotten never outnumbers the rest by far. */
        public void cancel() {
            // Its entry goes with others like it.
            if (action != null) {
                action = null;
                if (++cancelled > FEW + queue.size() / 2) {
                    queue.removeIf(deadline -> deadline.action == null);
                    cancelled = 0;
                }
            }
        }

        @Override
        public int compareTo(Deadline other) {
            return Long.compare(atNs - other.atNs, 0);
        }
    }

    private final PriorityQueue<Deadline> queue = new PriorityQueue<>();
    private int cancelled; // of those in the queue

    /** Make one where nothing is due. */
    public Deadlines() {}

    /**
     * Do something when a time is over. What it throws is logged, and costs nothing else.
     *
     * @param delayNs the time from now on, in nanoseconds
     * @param action what is done, on the thread that calls {@link #expire}
     * @return what can be forgotten again
     */
    public Deadline in(long delayNs, Runnable action) {
        var deadline = new Deadline(System.nanoTime() + delayNs, action);
        queue.add(deadline);
        return deadline;
    }

    /** {@return how many are kept, cancelled ones among them} */
    int size() {
        return queue.size();
    }

    /**
     * {@return the wait until the next one in milliseconds, at least 1; 0, which a selector takes for ever, if none}
     */
    public long millisToNext() {
        dropCancelled();
        var next = queue.peek();
        if (next == null) {
            return 0;
        }
        // Rounded up: waking a little early would mean a turn for nothing.
        return Math.max(1, (next.atNs - System.nanoTime() + 999_999) / 1_000_000);
    }

    /**
     * {@return whether something is due}
     *
     * @param nowNs the time, of {@link System#nanoTime}
     */
    public boolean isDue(long nowNs) {
        dropCancelled();
        return !queue.isEmpty() && queue.peek().atNs - nowNs <= 0;
    }

    /** Do what is due now. */
    public void expire() {
        expire(System.nanoTime());
    }

    /**
     * Do what was due at a time. What is a quarter of a second late by then is put off once, by two seconds: nobody can have
     * done in time what that waits for.
     *
     * @param nowNs when the poll began whose findings have been served, of {@link System#nanoTime}
     */
    public void expire(long nowNs) {
        while (isDue(nowNs)) {
            var due = queue.poll();
            if (nowNs - due.atNs > LATE_NS && !due.postponed) {
                due.postponed = true;
                due.atNs = nowNs + MORE_NS;
                queue.add(due);
            } else {
                run(due);
            }
        }
    }

    private static void run(Deadline due) {
        var action = due.action;
        due.action = null; // to cancel it now changes nothing
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, "What was due on " + Thread.currentThread().getName() + " failed", e);
        }
    }

    private void dropCancelled() {
        while (!queue.isEmpty() && queue.peek().action == null) {
            queue.poll();
            cancelled--;
        }
    }
}
