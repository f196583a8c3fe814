package dev.socketforwarder.api;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs actions when they are due, on the thread of one event loop. The loop waits no longer than {@link #millisToNext}.
 *
 * <p>While a process is paused, an awaited event may arrive in time without any thread noticing. So each turn of a loop does
 * three things in this order. First, the loop notes the time. Then the loop polls, without waiting if an action {@link #isDue
 * is due}, and serves what the poll found. Only then does the loop call {@link #expire(long)} with the noted time.
 */
public final class Deadlines {
    private static final Logger LOG = System.getLogger(Deadlines.class.getName());
    private static final int FEW = 64;
    /** A deadline that is later than this shows that the thread, or the whole process, was held up. */
    private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /** The extra time for a late deadline: the threads and peers that could meet the deadline were held up too. */
    private static final long MORE_NS = TimeUnit.SECONDS.toNanos(2);

    /** One action and the time when it is due. */
    public final class Deadline implements Comparable<Deadline> {
        private long atNs; // never changes while the deadline is queued
        private Runnable action;
        private boolean postponed;

        private Deadline(long atNs, Runnable action) {
            this.atNs = atNs;
            this.action = action;
        }

        /** Cancel this deadline. The call is cheap. Cancelled deadlines never outnumber the others by much. */
        public void cancel() {
            // Cancelled entries are removed from the queue many at a time.
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
    private int cancelled; // how many cancelled deadlines are still in the queue

    /** Make an empty set of deadlines. */
    public Deadlines() {}

    /**
     * Run an action after a delay. If the action throws, the exception is logged, and the other actions still run.
     *
     * @param delayNs the delay from now, in nanoseconds
     * @param action runs on the thread that calls {@link #expire}
     * @return the deadline, for the caller to cancel if need be
     */
    public Deadline in(long delayNs, Runnable action) {
        var deadline = new Deadline(System.nanoTime() + delayNs, action);
        queue.add(deadline);
        return deadline;
    }

    /** {@return how many deadlines are in the queue, including cancelled ones} */
    int size() {
        return queue.size();
    }

    /**
     * {@return the milliseconds until the next deadline, at least 1; 0 if there is none, since a selector waits for ever on 0}
     */
    public long millisToNext() {
        dropCancelled();
        var next = queue.peek();
        if (next == null) {
            return 0;
        }
        // Rounded up: a loop that wakes too early would make a turn in which nothing is due.
        return Math.max(1, (next.atNs - System.nanoTime() + 999_999) / 1_000_000);
    }

    /**
     * {@return whether an action is due}
     *
     * @param nowNs the present time, from {@link System#nanoTime}
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
     * Run the actions that were due at a given time. An action more than 250 ms late at that time is postponed by 2 s, once:
     * the event that could have cancelled the action may have been delayed as well.
     *
     * @param nowNs the time when the last poll began, from {@link System#nanoTime}
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
        due.action = null; // a call of cancel() has no effect from here on
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(
                    Level.WARNING,
                    "A timer failed on thread " + Thread.currentThread().getName(),
                    e);
        }
    }

    private void dropCancelled() {
        while (!queue.isEmpty() && queue.peek().action == null) {
            queue.poll();
            cancelled--;
        }
    }
}
