package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Batches on their way from other owners to one side, bounded in bytes: above the high-water mark the senders wait as
 * they would for a full member. Who cannot wait has a kernel's buffer full to send at once when its own thread comes late,
 * and so much is taken; what comes beyond is left out. {@link #offer} may be called by any thread.
 */
final class Inbox {
    /** What a receive buffer of 4 MiB holds at most: the kernel grants twice what it is asked for. */
    static final long RECEIVE_BUFFER = 8 << 20;

    /** As many one by one as it holds of small datagrams; they take memory of the heap, which nobody counts. */
    static final int MOST_BATCHES = 16 << 10;

    /** The memory is for all groups: one inbox takes no larger part of it. */
    private static final int LARGEST_PART = 8;

    private final Side side;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger batches = new AtomicInteger();
    /** What waits, in order, where it may have to be taken back from an owner that hangs; else null. */
    private final Queue<Entry> waiting;
    /** What {@link Pacing} was last told; replaced under this inbox's lock, and read without. */
    private volatile boolean full;

    private volatile boolean closed;
    /** When the owner last took something, or was left the first that waits. */
    private volatile long takenNs;

    Inbox(Side side) {
        this.side = side;
        this.waiting = mayHang(side.owner()) ? new ConcurrentLinkedQueue<>() : null;
    }

    private static boolean mayHang(Owner owner) {
        return owner instanceof LoopOwner loop && loop.mayHang();
    }

    /** A batch, or so many messages that are lost, until whoever is first takes it: the owner, or {@link #abandon}. */
    private final class Entry extends AtomicBoolean implements Runnable {
        private static final long serialVersionUID = 1L;

        private final transient Batch batch; // null: there was no memory for it
        private final int lost;
        private final long size;
        private final boolean pausable;

        Entry(Batch batch, int lost, long size, boolean pausable) {
            this.batch = batch;
            this.lost = lost;
            this.size = size;
            this.pausable = pausable;
        }

        /** On the owner's thread. */
        @Override
        public void run() {
            if (!compareAndSet(false, true)) {
                return;
            }
            if (waiting != null) {
                waiting.remove(this); // the first
            }
            takenNs = now();
            if (batch == null) {
                side.lose(lost, pausable);
            } else {
                side.deliver(null, batch, pausable);
            }
            end();
        }

        void takeBack() {
            if (compareAndSet(false, true)) {
                end();
            }
        }

        private void end() {
            if (batch != null) {
                batch.release();
            }
            leave(size);
        }
    }

    Side side() {
        return side;
    }

    /** Hand a batch over; it is copied already. */
    void offer(Batch kept, boolean pausable) {
        if (enter(kept, pausable)) {
            handOver(new Entry(kept.share(), 0, kept.bytes(), pausable));
        }
    }

    /** Hand over that there was no memory to copy a batch; it counts here as if it had come. */
    void lose(Batch batch, boolean pausable) {
        if (enter(batch, pausable)) {
            int messages = batch.messages(side.group().rules().framing());
            handOver(new Entry(null, messages, batch.bytes(), pausable));
        }
    }

    private void handOver(Entry entry) {
        if (waiting != null) {
            waiting.add(entry);
        }
        side.owner().execute(entry);
        if (closed && waiting != null) {
            takeAllBack(); // abandoned meanwhile
        }
    }

    /** {@return whether it is to be handed over} */
    private boolean enter(Batch batch, boolean pausable) {
        var limits = side.group().rules().flow();
        if (closed) {
            return false;
        }
        if (!pausable && (bytes.get() > roomForUnpausable() || batches.get() >= MOST_BATCHES)) {
            leaveOut(batch);
            return false;
        }
        long queued = bytes.addAndGet(batch.bytes());
        if (batches.getAndIncrement() == 0) {
            takenNs = now();
        }
        if (queued > limits.highWater() && !full) {
            tellPacing(null);
        }
        return true;
    }

    private long roomForUnpausable() {
        long most = Math.min(RECEIVE_BUFFER, side.group().shared().budget().max() / LARGEST_PART);
        return Math.max(side.group().rules().flow().highWater(), most);
    }

    private void leaveOut(Batch batch) {
        long messages = side.countLeftOut(Reason.OWNER_FULL, batch);
        side.group().shared().overflows().leftOut(side.group().id(), messages, bytes.get(), takenNs);
    }

    private long now() {
        return side.group().shared().nanoClock().getAsLong();
    }

    private void leave(long size) {
        batches.getAndDecrement();
        if (bytes.addAndGet(-size) < side.group().rules().flow().lowWater() && full) {
            tellPacing(side.isAbandoned() ? null : side);
        }
    }

    /** Nobody is left on this side, and its owner may run no more tasks. */
    void close() {
        closed = true;
        tellPacing(null);
    }

    /** The owner hangs: give the memory of what waits for it back. Any thread. */
    void abandon() {
        close();
        takeAllBack();
    }

    private void takeAllBack() {
        Entry entry;
        while ((entry = waiting.poll()) != null) {
            entry.takeBack();
        }
    }

    /**
     * Say what became of it, if that changed. Two threads may cross the marks at once: under the lock each looks again, and
     * what pacing hears is in the order in which it happened. Whoever fills it has a batch to be taken still, so the last
     * to look sees it as it stays.
     */
    private void tellPacing(Side caller) {
        var pacing = side.group().pacing();
        boolean changed;
        synchronized (this) {
            var limits = side.group().rules().flow();
            boolean now = !closed && (full ? bytes.get() >= limits.lowWater() : bytes.get() > limits.highWater());
            if (now == full) {
                return;
            }
            full = now;
            changed = pacing.note(this, now);
        }
        if (changed) {
            pacing.tellAll(caller); // members are called without the lock
        }
    }
}
