package dev.socketforwarder.api;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs actions at their times, on the thread of one event loop. The loop waits no longer than {@link #millisToNext}.
 *
 * <p>A process may be paused, and an awaited event may have come in time though nobody has looked. So a loop first notes the
 * time, then polls, without waiting if something {@link #isDue}, and serves what the poll found. Only then does the loop call
 * {@link #expire(long)} with the time that it noted.
 */
public final class Deadlines {
    private static final Logger LOG = System.getLogger(Deadlines.class.getName());
    private static final int FEW = 64;
    /** A thread that is later than this was held up, or the whole process was. */
    private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /** A late deadline gets so much more time, since the threads and peers that it waits for were held up too. */
    private static final long MORE_NS = TimeUnit.SECONDS.toNanos(2);

    /** One action and the time when it is due. */
    public final class Deadline implements Comparable<Deadline> {
        private long atNs; // never changed while it is queued
        private Runnable action;
        private boolean postponed;

        private Deadline(long atNs, Runnable action) {
            this.atNs = atNs;
            this.action = action;
        }

        /** Cancel this deadline. Costs little; cancelled deadlines never outnumber the others by far. */
        public void cancel() {
            // The entry is removed together with others.
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

    /** Make an empty set of deadlines. */
    public Deadlines() {}

    /**
     * Run an action after a delay. An exception of the action is logged, and affects no other action.
     *
     * @param delayNs the delay from now on, in nanoseconds
     * @param action runs on the thread that calls {@link #expire}
     * @return the deadline, which can be cancelled
     */
    public Deadline in(long delayNs, Runnable action) {
        var deadline = new Deadline(System.nanoTime() + delayNs, action);
        queue.add(deadline);
        return deadline;
    }

    /** {@return how many deadlines are kept, cancelled ones included} */
    int size() {
        return queue.size();
    }

    /**
     * {@return the milliseconds until the next deadline, at least 1; 0 if there is none, which a selector takes for ever}
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

    /** Run the actions that are due now. */
    public void expire() {
        expire(System.nanoTime());
    }

    /**
     * Run the actions that were due at a time. An action that is a quarter of a second late by then is put off once, by two
     * seconds: the event that it waits for cannot have come in time.
     *
     * @param nowNs the time when the last poll began, of {@link System#nanoTime}
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
