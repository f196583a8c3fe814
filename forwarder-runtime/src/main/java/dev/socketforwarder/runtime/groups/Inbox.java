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
 * Carries batches from other owners to one side, bounded in bytes. Above the high-water mark the senders wait, as for a
 * full member. Senders that cannot be paused may exceed the mark by a receive buffer of the kernel, since a thread that
 * comes late sends a whole buffer at once. Further batches are left out. Nobody waits for a side of bridges alone: all
 * senders may exceed the mark by as much. {@link #offer} may be called by any thread.
 */
final class Inbox {
    /** The most that a receive buffer of 4 MiB holds, since the kernel grants twice the requested size. */
    static final long RECEIVE_BUFFER = 8 << 20;

    /** As many small datagrams as such a buffer holds. Each takes heap memory that the budget does not count. */
    static final int MOST_BATCHES = 16 << 10;

    /** One inbox takes at most this fraction of the memory for all groups. */
    private static final int LARGEST_PART = 8;

    private final Side side;
    private final Handed ofBridges; // null unless the side is made for a listener's bridges
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger batches = new AtomicInteger();
    /** The waiting entries in order, if this side's owner may hang and they may have to be taken back; else null. */
    private final Queue<Entry> waiting;
    /** The state that {@link Pacing} was last told. Changed under this inbox's lock, read without it. */
    private volatile boolean full;

    private volatile boolean closed;
    /** When the owner last took an entry, or received one while none was waiting. */
    private volatile long takenNs;

    /** Make an empty inbox; {@code ofBridges} adds up what waits for all bridges of a listener, and is null for other sides. */
    Inbox(Side side, Handed ofBridges) {
        this.side = side;
        this.ofBridges = ofBridges;
        this.waiting = mayHang(side.owner()) ? new ConcurrentLinkedQueue<>() : null;
    }

    private static boolean mayHang(Owner owner) {
        return owner instanceof LoopOwner loop && loop.mayHang();
    }

    /** A batch, or a number of lost messages. Either the owner or {@link #abandon} takes it, whichever is first. */
    private final class Entry extends AtomicBoolean implements Runnable {
        private static final long serialVersionUID = 1L;

        private final transient Batch batch; // null if there was no memory for it
        private final int lost;
        private final long size;
        private final boolean pausable;

        Entry(Batch batch, int lost, long size, boolean pausable) {
            this.batch = batch;
            this.lost = lost;
            this.size = size;
            this.pausable = pausable;
        }

        /** Runs on the owner's thread. */
        @Override
        public void run() {
            if (!compareAndSet(false, true)) {
                return;
            }
            if (waiting != null) {
                waiting.remove(this); // always the first entry
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

    /** Hand over a batch of another side, which is a copy already. */
    void offer(Side from, Batch kept, boolean pausable) {
        if (enter(kept, pausable)) {
            handOver(from, new Entry(kept.share(), 0, kept.bytes(), pausable));
        }
    }

    /** Hand over the news that there was no memory to copy a batch; the inbox counts it like the batch. */
    void lose(Side from, Batch batch, boolean pausable) {
        if (enter(batch, pausable)) {
            int messages = batch.messages(side.group().rules().framing());
            handOver(from, new Entry(null, messages, batch.bytes(), pausable));
        }
    }

    private void handOver(Side from, Entry entry) {
        if (waiting != null) {
            waiting.add(entry);
        }
        if (from.owner() instanceof LoopOwner loop) {
            loop.handOver(side.owner(), entry);
        } else {
            side.owner().execute(entry);
        }
        if (closed && waiting != null) {
            takeAllBack(); // the side was abandoned meanwhile
        }
    }

    /** {@return whether the batch may be handed over} */
    private boolean enter(Batch batch, boolean pausable) {
        var limits = side.group().rules().flow();
        if (closed) {
            return false;
        }
        boolean isWaitedFor = side.isWaitedFor();
        if (!(pausable && isWaitedFor) && !hasRoom()) {
            leaveOut(batch);
            return false;
        }
        if (ofBridges != null) {
            ofBridges.add(batch.bytes());
        }
        long queued = bytes.addAndGet(batch.bytes());
        if (batches.getAndIncrement() == 0) {
            takenNs = now();
        }
        if (isWaitedFor && queued > limits.highWater() && !full) {
            tellPacing(null);
        }
        return true;
    }

    /** {@return whether something may be handed over that nobody waits for} */
    private boolean hasRoom() {
        long part = side.group().shared().budget().max() / LARGEST_PART;
        long most = Math.max(side.group().rules().flow().highWater(), Math.min(RECEIVE_BUFFER, part));
        return bytes.get() <= most && batches.get() < MOST_BATCHES && (ofBridges == null || ofBridges.hasRoom(part));
    }

    private void leaveOut(Batch batch) {
        long messages = side.countLeftOut(Reason.OWNER_FULL, batch);
        side.group().shared().overflows().leftOut(side.group().id(), messages, bytes.get(), takenNs);
    }

    private long now() {
        return side.group().shared().nanoClock().getAsLong();
    }

    private void leave(long size) {
        if (ofBridges != null) {
            ofBridges.take(size);
        }
        batches.getAndDecrement();
        if (bytes.addAndGet(-size) < side.group().rules().flow().lowWater() && full) {
            tellPacing(side.isAbandoned() ? null : side);
        }
    }

    /** Let nobody wait for this inbox any more if only bridges are left on its side. On the owner's thread. */
    void noteWaitedFor() {
        if (full && !side.isWaitedFor()) {
            tellPacing(side);
        }
    }

    /** Close the inbox when nobody is left on this side, since its owner may run no more tasks. */
    void close() {
        closed = true;
        tellPacing(null);
    }

    /** Release the memory of the waiting entries, because the owner hangs. May be called by any thread. */
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
     * Tell pacing whether the inbox is full, if that changed. Two threads may cross the marks at once. The lock makes
     * each of them look again, and keeps the reports in order. A thread that fills the inbox leaves an entry to be
     * taken, so the last look sees the final state.
     */
    private void tellPacing(Side caller) {
        var pacing = side.group().pacing();
        boolean changed;
        synchronized (this) {
            var limits = side.group().rules().flow();
            boolean now = !closed
                    && side.isWaitedFor()
                    && (full ? bytes.get() >= limits.lowWater() : bytes.get() > limits.highWater());
            if (now == full) {
                return;
            }
            full = now;
            changed = pacing.note(this, now);
        }
        if (changed) {
            pacing.tellAll(caller); // outside the lock, since this calls members
        }
    }
}
