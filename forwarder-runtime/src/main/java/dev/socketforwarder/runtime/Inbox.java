package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Reason;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Batches on their way from other owners to one side, bounded in bytes: above the high-water mark the senders wait as
 * they would for a full member, and what cannot wait is left out. {@link #offer} may be called by any thread.
 */
final class Inbox {
    private final Side side;
    private final AtomicLong bytes = new AtomicLong();
    /** What {@link Pacing} was last told; replaced under this inbox's lock, and read without. */
    private volatile boolean full;

    private volatile boolean closed;

    Inbox(Side side) {
        this.side = side;
    }

    /** Hand a batch over; it is copied already. */
    void offer(Batch kept, boolean pausable) {
        if (enter(kept, pausable)) {
            long size = kept.bytes();
            var mine = kept.share();
            side.owner().execute(() -> {
                side.deliver(null, mine, pausable);
                mine.release();
                leave(size);
            });
        }
    }

    /** Hand over that there was no memory to copy a batch; it counts here as if it had come. */
    void lose(Batch batch, boolean pausable) {
        if (enter(batch, pausable)) {
            long size = batch.bytes();
            int messages = batch.messages(side.group().rules().framing());
            side.owner().execute(() -> {
                side.lose(messages, pausable);
                leave(size);
            });
        }
    }

    /** {@return whether it is to be handed over} */
    private boolean enter(Batch batch, boolean pausable) {
        var limits = side.group().rules().flow();
        if (closed) {
            return false;
        }
        if (!pausable && bytes.get() > limits.highWater()) {
            side.countLeftOut(Reason.OWNER_FULL, batch);
            return false;
        }
        if (bytes.addAndGet(batch.bytes()) > limits.highWater() && !full) {
            tellPacing(null);
        }
        return true;
    }

    private void leave(long size) {
        if (bytes.addAndGet(-size) < side.group().rules().flow().lowWater() && full) {
            tellPacing(side);
        }
    }

    /** Nobody is left on this side, and its owner may run no more tasks. */
    void close() {
        closed = true;
        tellPacing(null);
    }

    /**
     * Say what became of it, if that changed. Two threads may cross the marks at once: under the lock each looks again, and
     * what pacing hears is in the order in which it happened. Whoever fills it has a batch to be taken still, so the last
     * to look sees it as it stays.
     */
    private void tellPacing(Side caller) {
        var pacing = side.group().pacing();
        synchronized (this) {
            var limits = side.group().rules().flow();
            boolean now = !closed && (full ? bytes.get() >= limits.lowWater() : bytes.get() > limits.highWater());
            if (now == full) {
                return;
            }
            full = now;
            pacing.note(this, now);
        }
        pacing.tellAll(caller); // members are called without the lock
    }
}
