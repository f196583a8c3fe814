package dev.socketforwarder.api.buffer;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Queues the bytes that a stream member is still to be sent, as ranges of shared blocks. Used on the thread of the member's owner.
 *
 * <p>A member's {@link dev.socketforwarder.api.Member#deliver Member.deliver} calls {@link #add}, and its owner {@link #writeTo} once a turn. The queue tells the
 * runtime when the member becomes full and when it has room again; the runtime made it and knows the limits.
 */
public final class OutboundQueue {

    /** Tells the runtime of changes. Called from {@link #writeTo} and {@link #clear}, on the owner's thread. */
    @NotForImplementation
    public interface Listener {
        /** The queue has just passed its high-water mark. */
        void full();

        /** The queue has just fallen under its low-water mark again. */
        void drained();

        /**
         * There was no memory for bytes that the member could not take at once. Its stream has a gap from here on, so the member
         * gets nothing more and must be closed.
         */
        void overflowed();

        /** The queue is empty. Called after each write that leaves it so. */
        void emptied();
    }

    // Ranges of one block are joined in the queue, so more than a few appear only where many senders write at once.
    private static final int MAX_GATHERED = 16;
    private static final int FIRST_CAPACITY = 4;
    private static final int LARGEST_SPARE_CAPACITY = 64;
    /** What one more range weighs, in bytes: millions of one-byte ranges must not be cheap to a peer and dear to us. */
    private static final int RANGE_WEIGHT = 64;
    /** A member that is given less than one part in so many of a block keeps a copy of its own. */
    private static final int MOSTLY_OWN = 8;

    private final FlowLimits limits;
    private final Backlog backlog;
    private final Listener listener;
    private final LongSupplier nanoClock;

    // A ring of ranges, made with the first one: most of 20,000 idle members never need it.
    private Block[] blocks;
    private int[] starts;
    private int[] ends;
    private int head;
    private int count;
    /** Ranges added since the borrowed ones were last looked for, at the end of the ring; or more. */
    private int fresh;
    /** Bytes of borrowed blocks that this member was given since then. */
    private long borrowedBytes;
    /** Copies for this member alone, or null. */
    private Backlog apart;

    // Between gather and took: the views to write from, and their bytes.
    private ByteBuffer alone;
    private ByteBuffer[] gathered;
    private int gatheredRanges;
    private long offered;
    private long pendingBytes;
    private boolean full;
    /** Something was lost, and still counts as pending. */
    private boolean overflowed;

    // Since when this member has taken less than minDrain, while it had something queued.
    private long drainedSinceNs;
    private long drainedBytes;
    private boolean lagging;
    /** It does not lag, and holds memory all the same. */
    private boolean holds;

    /**
     * Make an empty queue. Only the runtime calls this.
     *
     * @param limits the group's
     * @param backlog keeps the bytes that the member does not take at once
     * @param listener is told of changes
     * @param nanoClock monotonic, in nanoseconds
     */
    public OutboundQueue(FlowLimits limits, Backlog backlog, Listener listener, LongSupplier nanoClock) {
        this.limits = limits;
        this.backlog = backlog;
        this.listener = listener;
        this.nanoClock = nanoClock;
    }

    /**
     * Queue all messages of a batch; the owner must call {@link #writeTo} before it recycles the batch's block.
     *
     * @param batch belongs to the caller again on return; its bytes must stay as they are, as {@link Block} says
     */
    public void add(Batch batch) {
        for (int i = 0; i < batch.count(); i++) {
            add(batch.block(), batch.offset(i), batch.offset(i) + batch.length(i));
        }
    }

    private void add(Block block, int start, int end) {
        if (start == end || overflowed) {
            return;
        }
        pendingBytes += end - start;
        if (block.isBorrowed()) {
            borrowedBytes += end - start;
        } else {
            holds = true;
        }
        if (append(block, start, end)) {
            fresh++;
        }
    }

    /** {@return whether that made another range} */
    private boolean append(Block block, int start, int end) {
        if (count > 0) {
            int last = index(count - 1);
            // The same memory: another block over it may be gone, while this queue holds the first.
            if (blocks[last].bytes() == block.bytes() && ends[last] == start) {
                ends[last] = end;
                return false;
            }
        }
        makeRoom();
        int i = index(count++);
        blocks[i] = block;
        starts[i] = start;
        ends[i] = end;
        block.retain();
        return true;
    }

    /**
     * Write as many bytes as the channel takes, and keep the rest. Afterwards the queue refers to no borrowed block.
     *
     * @param channel the member's, in non-blocking mode
     * @return the bytes written
     * @throws IOException if the channel fails; the queue is then only good for {@link #clear}
     */
    public long writeTo(GatheringByteChannel channel) throws IOException {
        long total = 0;
        boolean more = count > 0;
        while (more) {
            int ranges = gather();
            long written = ranges == 1 ? channel.write(alone) : channel.write(gathered, 0, ranges);
            total += written;
            more = took(written) && count > 0;
        }
        keepBorrowed();
        watch(total);
        return total;
    }

    /**
     * Keep all bytes for a later turn, and refer to no borrowed block any more. The member might take bytes now, so it counts
     * neither as lagging nor as full.
     */
    public void keep() {
        keepBorrowed();
        holds = count > 0;
    }

    /** Do as {@link #writeTo} does with a channel that takes nothing. For a channel that is known to take nothing yet. */
    public void hold() {
        keepBorrowed();
        watch(0);
    }

    /**
     * Note that the peer has taken more of the bytes written earlier. They count for {@link FlowLimits#minDrain}, as written
     * bytes do.
     *
     * @param bytes how many more bytes
     */
    public void acknowledged(long bytes) {
        if (lagging) {
            drained(bytes);
        }
    }

    /**
     * {@return the limits of this queue}
     */
    public FlowLimits limits() {
        return limits;
    }

    /**
     * {@return how many bytes it has taken since {@link #stalledNs} counts}
     */
    public long drainedBytes() {
        return drainedBytes;
    }

    /**
     * {@return whether it lags: bytes have waited for it at the end of a turn, and do so still}
     */
    public boolean isLagging() {
        return lagging;
    }

    /**
     * {@return how many bytes are queued}
     */
    public long pendingBytes() {
        return pendingBytes;
    }

    /**
     * {@return how many bytes of memory it needs, by the capacity of its blocks, however little of them waits for this member;
     * others may need the same blocks}
     */
    public long heldBytes() {
        long held = 0;
        Block before = null;
        for (int i = 0; i < count; i++) {
            var block = blocks[index(i)];
            if (block != before) {
                held += block.bytes().capacity();
                before = block;
            }
        }
        return held;
    }

    /**
     * {@return whether nothing is queued, and nothing is lost}
     */
    public boolean isEmpty() {
        return count == 0 && !overflowed;
    }

    /**
     * {@return whether it is above its high-water mark, or has not yet fallen under the low one since}
     */
    public boolean isFull() {
        return full;
    }

    /**
     * {@return whether this member has had bytes waiting for {@link FlowLimits#stallTimeout} and has taken less than {@link
     * FlowLimits#minDrain} of them}
     */
    public boolean isStalled() {
        return lagging && stalledNs() >= limits.stallTimeout().toNanos();
    }

    /**
     * {@return for how many nanoseconds this member has had bytes waiting and has taken less than {@link
     * FlowLimits#minDrain} of them; 0 if nothing waits}
     */
    public long stalledNs() {
        return lagging ? nanoClock.getAsLong() - drainedSinceNs : 0;
    }

    /**
     * Discard the queued bytes, for a connection that takes nothing any more.
     *
     * @return how many bytes were discarded
     */
    public long clear() {
        long dropped = pendingBytes;
        while (count > 0) {
            removeHead();
        }
        pendingBytes = 0;
        fresh = 0;
        borrowedBytes = 0;
        overflowed = false;
        watch(0);
        return dropped;
    }

    /**
     * Make the first ranges ready for one write, until {@link #took} says how that went: one in {@link #alone}, several in
     * {@link #gathered}.
     *
     * @return how many ranges that is; there must be one
     */
    private int gather() {
        if (count == 1) {
            alone = blocks[head].view(0, starts[head], ends[head]);
            offered = ends[head] - starts[head];
            return 1;
        }
        if (gathered == null) {
            gathered = new ByteBuffer[MAX_GATHERED];
        }
        gatheredRanges = Math.min(count, MAX_GATHERED);
        offered = 0;
        for (int i = 0; i < gatheredRanges; i++) {
            int at = index(i);
            gathered[i] = blocks[at].view(i, starts[at], ends[at]);
            offered += ends[at] - starts[at];
        }
        return gatheredRanges;
    }

    /**
     * Remove what the peer took of the ranges that {@link #gather} made ready.
     *
     * @return whether the peer took all of them
     */
    private boolean took(long written) {
        // The views are forgotten: an idle member keeps no memory from the collector.
        alone = null;
        if (gatheredRanges > 0) {
            Arrays.fill(gathered, 0, gatheredRanges, null);
            gatheredRanges = 0;
        }
        consume(written);
        return written >= offered;
    }

    private void consume(long written) {
        pendingBytes -= written;
        while (written > 0) {
            int length = ends[head] - starts[head];
            if (written < length) {
                starts[head] += (int) written;
                return;
            }
            written -= length;
            removeHead();
        }
    }

    private void removeHead() {
        blocks[head].release();
        blocks[head] = null;
        head = index(1);
        count--;
    }

    /** Borrowed blocks are read into again after this turn: point at the copies instead. */
    private void keepBorrowed() {
        if (borrowedBytes == 0) {
            fresh = 0;
            return;
        }
        int from = count - Math.min(fresh, count);
        int to = count;
        count = from; // and up again, never past the range that is looked at
        for (int i = from; i < to; i++) {
            int at = index(i);
            var block = blocks[at];
            int start = starts[at];
            int end = ends[at];
            blocks[at] = null;
            if (!overflowed) {
                keepRange(block, start, end);
            }
            block.release();
        }
        fresh = 0;
        borrowedBytes = 0;
        if (overflowed) {
            listener.overflowed();
        }
    }

    private void keepRange(Block block, int start, int end) {
        if (!block.isBorrowed()) {
            append(block, start, end);
            return;
        }
        try {
            keep(block, start, end);
        } catch (OutOfQueueException _) {
            overflowed = true; // what follows must not be taken for what is missing
        }
    }

    private void keep(Block borrowed, int start, int end) {
        if (MOSTLY_OWN * borrowedBytes >= borrowed.publishedEnd()) {
            var copy = borrowed.copy(backlog);
            append(copy, start + borrowed.copyStart(), end + borrowed.copyStart());
            return;
        }
        // One that sends nearly all of it must not keep all of that from being reused, for the little it is given.
        if (apart == null) {
            apart = backlog.another();
        }
        int copyStart = apart.append(borrowed.bytes(), start, end);
        append(apart.current(), copyStart, copyStart + end - start);
    }

    private void watch(long written) {
        if (isEmpty()) {
            if (lagging || holds) {
                lagging = false;
                holds = false;
                letGo();
            }
            listener.emptied();
        } else if (!lagging) {
            lagging = true;
            startWindow();
        } else {
            drained(written);
        }
        long weight = pendingBytes + RANGE_WEIGHT * (count - 1L);
        if (!full && weight > limits.highWater()) {
            full = true;
            listener.full();
        } else if (full && weight < limits.lowWater()) {
            full = false;
            listener.drained();
        }
    }

    /** Nothing waits any more: keep no more than an idle member needs. */
    private void letGo() {
        backlog.trim();
        if (apart != null) {
            apart.close();
            apart = null;
        }
        if (blocks.length > LARGEST_SPARE_CAPACITY) {
            blocks = null;
            starts = null;
            ends = null;
            head = 0;
        }
    }

    private void drained(long bytes) {
        drainedBytes += bytes;
        if (drainedBytes >= limits.minDrain()) {
            startWindow();
        }
    }

    private void startWindow() {
        drainedSinceNs = nanoClock.getAsLong();
        drainedBytes = 0;
    }

    private int index(int i) {
        int at = head + i;
        return at < blocks.length ? at : at - blocks.length;
    }

    private void makeRoom() {
        if (blocks == null) {
            blocks = new Block[FIRST_CAPACITY];
            starts = new int[FIRST_CAPACITY];
            ends = new int[FIRST_CAPACITY];
        } else if (count == blocks.length) {
            int larger = 2 * count;
            blocks = unrolled(blocks, Arrays.copyOf(blocks, larger));
            starts = unrolled(starts, Arrays.copyOf(starts, larger));
            ends = unrolled(ends, Arrays.copyOf(ends, larger));
            head = 0;
        }
    }

    private <T> T unrolled(T ring, T larger) {
        int atEnd = count - head;
        System.arraycopy(ring, head, larger, 0, atEnd);
        System.arraycopy(ring, 0, larger, atEnd, head);
        return larger;
    }
}
