package dev.socketforwarder.api;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.PriorityQueue;

/** What is due at a time, on one thread: an event loop's, which waits no longer than {@link #millisToNext}. */
public final class Deadlines {
    private static final Logger LOG = System.getLogger(Deadlines.class.getName());
    private static final int FEW = 64;

    /** Something due. */
    public final class Deadline implements Comparable<Deadline> {
        private final long atNs;
        private Runnable action;

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

    /** Do what is due now. */
    public void expire() {
        dropCancelled();
        if (queue.isEmpty()) {
            return;
        }
        long nowNs = System.nanoTime();
        while (!queue.isEmpty() && queue.peek().atNs - nowNs <= 0) {
            var due = queue.poll();
            if (due.action == null) {
                cancelled--;
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
            Throwables.rethrowFatal(e);
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
