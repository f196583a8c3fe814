package dev.socketforwarder.transport.tcp;

import java.util.PriorityQueue;

/** What is due at a time, on one event loop. */
final class Deadlines {

    /** Something due; {@link #cancel} costs nothing, and its entry goes when its time comes. */
    static final class Deadline implements Comparable<Deadline> {
        private final long atNs;
        private Runnable action;

        private Deadline(long atNs, Runnable action) {
            this.atNs = atNs;
            this.action = action;
        }

        void cancel() {
            action = null;
        }

        @Override
        public int compareTo(Deadline other) {
            return Long.compare(atNs - other.atNs, 0);
        }
    }

    private final PriorityQueue<Deadline> queue = new PriorityQueue<>();

    Deadline in(long delayNs, Runnable action) {
        var deadline = new Deadline(System.nanoTime() + delayNs, action);
        queue.add(deadline);
        return deadline;
    }

    /** {@return the wait until the next one in milliseconds, at least 1; 0, which a selector takes for ever, if none} */
    long millisToNext() {
        dropCancelled();
        var next = queue.peek();
        if (next == null) {
            return 0;
        }
        // Rounded up: waking a little early would mean a turn for nothing.
        return Math.max(1, (next.atNs - System.nanoTime() + 999_999) / 1_000_000);
    }

    void expire() {
        dropCancelled();
        if (queue.isEmpty()) {
            return;
        }
        long nowNs = System.nanoTime();
        while (!queue.isEmpty() && queue.peek().atNs - nowNs <= 0) {
            var action = queue.poll().action;
            if (action != null) {
                action.run();
            }
        }
    }

    private void dropCancelled() {
        while (!queue.isEmpty() && queue.peek().action == null) {
            queue.poll();
        }
    }
}
