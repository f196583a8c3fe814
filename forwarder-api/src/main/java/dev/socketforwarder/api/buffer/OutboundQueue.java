package dev.socketforwarder.api.buffer;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Queues the bytes that must still be sent to a member of a stream, as ranges of shared blocks. Used on the thread of the
 * member's owner.
 *
 * <p>A member's {@link dev.socketforwarder.api.Member#deliver Member.deliver} calls {@link #add}, and the member's owner calls
 * {@link #writeTo} once a turn. The runtime makes the queue and knows its limits. The queue tells the runtime when the member
 * becomes full and when it has room again.
 */
public final class OutboundQueue {

    /** Receives changes of the queue's state, on the owner's thread, from the methods that write, keep or discard bytes. */
    @NotForImplementation
    public interface Listener {
        /** The queue has just risen above its high-water mark. */
        void full();

        /** The queue was full and has just fallen below its low-water mark. */
        void drained();

        /**
         * There was no memory to keep bytes that the member did not take at once. The member's stream lacks bytes from here on,
         * so the queue accepts nothing more and the member must be closed.
         */
        void overflowed();

        /** The queue is empty. Called after each write that leaves the queue empty. */
        void emptied();
    }

    // The queue joins adjacent ranges of one block, so that it has more than a few ranges only if many senders write at
    // once.
    private static final int MAX_GATHERED = 16;
    private static final int FIRST_CAPACITY = 4;
    private static final int LARGEST_SPARE_CAPACITY = 64;
    /** The weight of each further range, in bytes: each costs memory, so one-byte ranges could otherwise fill the heap. */
    private static final int RANGE_WEIGHT = 64;
    /** A member that receives less than this fraction (1/8) of a block's bytes keeps a separate copy of its bytes. */
    private static final int MOSTLY_OWN = 8;

    private FlowLimits limits;
    private final Backlog backlog;
    private final Listener listener;
    private final LongSupplier nanoClock;

    // A ring of ranges, allocated with the first range: most of 20,000 idle members never need a ring.
    private Block[] blocks;
    private int[] starts;
    private int[] ends;
    private int head;
    private int count;
    /** How many ranges were added since the last {@link #keepBorrowed}, or more. Only these may refer to borrowed blocks. */
    private int fresh;
    /** How many bytes of borrowed blocks this member received since the last {@link #keepBorrowed}. */
    private long borrowedBytes;
    /** Holds copies for this member alone; null if there are none. */
    private Backlog apart;

    // In use between gather and took: the views to write from, and their number of bytes.
    private ByteBuffer alone;
    private ByteBuffer[] gathered;
    private int gatheredRanges;
    private long offered;
    private long pendingBytes;
    private boolean full;
    /** Whether bytes were lost. Lost bytes still count as pending. */
    private boolean overflowed;

    // The window in which this member has taken fewer than minDrain bytes although bytes were queued.
    private long drainedSinceNs;
    private long laggingSinceNs;
    private long fullSinceNs;
    private long drainedBytes;
    private boolean lagging;
    /** Whether this member holds memory without lagging. */
    private boolean holds;

    /**
     * Make an empty queue. Only the runtime calls this constructor.
     *
     * @param limits the group's limits
     * @param backlog keeps the bytes that the member does not take at once
     * @param listener receives changes of the queue's state
     * @param nanoClock a monotonic clock, in nanoseconds
     */
    public OutboundQueue(FlowLimits limits, Backlog backlog, Listener listener, LongSupplier nanoClock) {
        this.limits = limits;
        this.backlog = backlog;
        this.listener = listener;
        this.nanoClock = nanoClock;
    }

    /**
     * Queue all messages of a batch. The owner must call {@link #writeTo} before it recycles the batch's block.
     *
     * @param batch the messages; the batch belongs to the caller again when this method returns. {@link Block} says how long the
     *     bytes must stay unchanged
     */
    public void add(Batch batch) {
        for (int i = 0; i < batch.count(); i++) {
            add(batch.block(), batch.offset(i), batch.offset(i) + batch.length(i));
        }
    }

    /**
     * Queue a copy of bytes that are for this member alone. They go behind everything that is queued.
     *
     * @param bytes the bytes, from position to limit, which stay unchanged
     */
    public void send(ByteBuffer bytes) {
        if (overflowed || !bytes.hasRemaining()) {
            return;
        }
        try {
            int start = backlog.append(bytes, bytes.position(), bytes.limit());
            add(backlog.current(), start, start + bytes.remaining());
        } catch (OutOfQueueException _) {
            overflowed = true; // later bytes must not be sent in place of these
            listener.overflowed();
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

    /** {@return whether this added a range, rather than extending the last one} */
    private boolean append(Block block, int start, int end) {
        if (count > 0) {
            int last = index(count - 1);
            // Compares the memory, not the block: this queue holds the first block, and so keeps the memory of both.
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
     * Write as many bytes as the channel takes, and keep the rest. Afterwards, the queue refers to no borrowed block.
     *
     * @param channel the member's channel, in non-blocking mode
     * @return how many bytes were written
     * @throws IOException if the channel fails; the only useful call afterwards is {@link #clear}
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
     * Keep all bytes for a later turn. Afterwards, the queue refers to no borrowed block. Since the member might be able to take
     * bytes now, the queue counts the member neither as lagging nor as full.
     */
    public void keep() {
        keepBorrowed();
        holds = count > 0;
    }

    /** Do what {@link #writeTo} does with a channel that takes nothing. For a channel that is known to take nothing yet. */
    public void hold() {
        keepBorrowed();
        watch(0);
    }

    /**
     * Note that the peer has acknowledged more of the bytes that were written earlier. Acknowledged bytes count for {@link
     * FlowLimits#minDrain}, as written bytes do.
     *
     * @param bytes how many more bytes were acknowledged
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
     * {@return how many bytes the member has taken during the time that {@link #stalledNs} reports}
     */
    public long drainedBytes() {
        return drainedBytes;
    }

    /**
     * {@return whether the member lags: bytes were left at the end of a turn, and the queue has not been empty since}
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
     * {@return how many bytes of memory the queue holds: the capacity of all its blocks, however few of their bytes are for this
     * member. Other queues may hold the same blocks}
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
     * {@return whether nothing is queued, and no bytes were lost}
     */
    public boolean isEmpty() {
        return count == 0 && !overflowed;
    }

    /**
     * Put other limits in force. A queue that is full by the old limits stays full until its bytes fall below the new low-water mark.
     *
     * @param changed the limits from now on
     */
    public void adopt(FlowLimits changed) {
        limits = changed;
    }

    /**
     * {@return whether the queue has risen above its high-water mark and has not yet fallen below its low-water mark}
     */
    public boolean isFull() {
        return full;
    }

    /**
     * {@return whether bytes have been waiting for this member for {@link FlowLimits#stallTimeout}, and the member has taken
     * fewer than {@link FlowLimits#minDrain} of them}
     */
    public boolean isStalled() {
        return lagging && stalledNs() >= limits.stallTimeout().toNanos();
    }

    /**
     * {@return for how many nanoseconds bytes have been waiting for this member while it has taken fewer than {@link
     * FlowLimits#minDrain} of them; 0 if the member does not lag}
     */
    public long stalledNs() {
        return lagging ? nanoClock.getAsLong() - drainedSinceNs : 0;
    }

    /** {@return for how many nanoseconds the member has lagged; 0 if it does not} */
    public long laggingNs() {
        return lagging ? nanoClock.getAsLong() - laggingSinceNs : 0;
    }

    /** {@return for how many nanoseconds the queue has been full; 0 if it is not} */
    public long fullNs() {
        return full ? nanoClock.getAsLong() - fullSinceNs : 0;
    }

    /**
     * Discard the queued bytes. For use when the connection takes no more bytes.
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
     * Prepare the first ranges for one write: a single range in {@link #alone}, several ranges in {@link #gathered}. {@link #took}
     * ends the write. The queue must not be empty.
     *
     * @return how many ranges are prepared
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
     * Remove the bytes that the peer took from the ranges that {@link #gather} prepared.
     *
     * @return whether the peer took all of these bytes
     */
    private boolean took(long written) {
        // Forget the views, so that the queue of an idle member does not keep their memory alive.
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

    /** Replace ranges of borrowed blocks by ranges of copies, since the transport reads into borrowed blocks again after this turn. */
    private void keepBorrowed() {
        if (borrowedBytes == 0) {
            fresh = 0;
            return;
        }
        int from = count - Math.min(fresh, count);
        int to = count;
        count = from; // grows again in the loop, but never past the range that the loop is at
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
            overflowed = true; // later bytes must not be sent in place of the missing ones
        }
    }

    private void keep(Block borrowed, int start, int end) {
        if (MOSTLY_OWN * borrowedBytes >= borrowed.publishedEnd()) {
            var copy = borrowed.copy(backlog);
            append(copy, start + borrowed.copyStart(), end + borrowed.copyStart());
            return;
        }
        // This member sends nearly all of the block. The little that it receives must not keep a copy of the whole
        // block alive.
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
            startWindow();
            laggingSinceNs = drainedSinceNs;
            lagging = true;
        } else {
            drained(written);
        }
        long weight = pendingBytes + RANGE_WEIGHT * (count - 1L);
        if (!full && weight > limits.highWater()) {
            fullSinceNs = nanoClock.getAsLong();
            full = true;
            listener.full();
        } else if (full && weight < limits.lowWater()) {
            full = false;
            listener.drained();
        }
    }

    /** Release what an idle member does not need, once nothing is queued any more. */
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
