package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Reason;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Batches on their way from other owners to one side, bounded in bytes: above the high-water mark the senders wait as
 * they would for a full member, and what cannot wait is left out. {@link #offer} may be called by any thread.
 */
final class Inbox {
    private final Side side;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean full = new AtomicBoolean();
    private volatile boolean closed;

    Inbox(Side side) {
        this.side = side;
    }

    void offer(Batch kept, boolean pausable) {
        var shared = side.group().shared();
        long size = kept.bytes();
        if (closed) {
            return;
        }
        if (!pausable && bytes.get() > shared.limits().highWater()) {
            shared.counters().add(Reason.OWNER_FULL, kept.count());
            return;
        }
        if (bytes.addAndGet(size) > shared.limits().highWater() && !full.getAndSet(true)) {
            side.group().pacing().full(this, null);
            if (closed) {
                close(); // it was closed meanwhile: nobody else would say that there is room again
            }
        }
        var mine = kept.share();
        side.owner().execute(() -> take(mine, size, pausable));
    }

    private void take(Batch batch, long size, boolean pausable) {
        side.deliver(null, batch, pausable);
        batch.release();
        if (bytes.addAndGet(-size) < side.group().shared().limits().lowWater() && full.getAndSet(false)) {
            side.group().pacing().drained(this, side);
        }
    }

    /** Nobody is left on this side, and its owner may run no more tasks. */
    void close() {
        closed = true;
        if (full.getAndSet(false)) {
            side.group().pacing().drained(this, null);
        }
    }
}
