package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Splits one sender's stream into whole messages and publishes them. Raw bytes are published as they come. An unfinished message
 * waits here. Used on the thread of the sender's owner.
 *
 * <p>No byte is examined twice, however small the pieces in which a message comes. Nothing is allocated for a message.
 */
public final class Deframer {

    /** Says what has become of the bytes that were read. */
    public enum Result {
        /** They are published, or wait for the rest of their message. */
        TAKEN,
        /** A message is larger than allowed. */
        TOO_LARGE,
        /** There is no memory for an unfinished message. */
        NO_MEMORY
    }

    // What is carried of a small message is put before its end, so that it goes out with those behind it.
    private static final int LARGEST_GAP = 64 * 1024;
    private static final int FIRST_CARRY = 4 * 1024;
    private static final int GROWTH = 16 * 1024;

    private final Framing framing;
    private final int largest;
    private final Memory memory;
    private final Runnable onUnfinished;
    private final LongSupplier nanoClock;

    private ByteBuffer carry; // null: nothing is unfinished, or all of it is being skipped; on the heap: a tail
    /** Bytes of the unfinished message that came before what is read next. */
    private int carried;

    private long beganNs;
    private long grewNs; // when enough of it had come the last time
    private int grownTo;
    /** The message has been given up: bytes of it still to be passed over, or -1 for all up to its end. */
    private long skip;

    /**
     * Make a deframer at the beginning of a stream. Only the runtime calls this.
     *
     * @param framing the group's
     * @param largest the largest bare message allowed, in bytes
     * @param memory where unfinished messages wait, counted
     * @param onUnfinished called each time when a message has begun and its end is missing
     * @param nanoClock monotonic, in nanoseconds
     */
    public Deframer(Framing framing, int largest, Memory memory, Runnable onUnfinished, LongSupplier nanoClock) {
        this.framing = framing;
        this.largest = largest;
        this.memory = memory;
        this.onUnfinished = onUnfinished;
        this.nanoClock = nanoClock;
    }

    /**
     * {@return how many bytes of a block must be free before the place that the next bytes are read into}; small
     * against a read buffer of 256 KiB
     */
    public int gap() {
        return carried <= LARGEST_GAP ? carried : 0;
    }

    /**
     * Take the bytes that were read, and publish the messages that are whole now.
     *
     * @param batch used to publish; its block holds the bytes read, behind a {@link #gap}
     * @param start where the bytes read begin
     * @param length how many bytes were read, at least 1
     * @param publish gives the messages to the other members
     * @return what has become of the bytes; unless all were taken, the sender must be closed (earlier messages are published)
     */
    public Result accept(Batch batch, int start, int length, Consumer<Batch> publish) {
        try {
            return part(batch, start, length, publish) ? Result.TAKEN : Result.TOO_LARGE;
        } catch (OutOfQueueException _) {
            return Result.NO_MEMORY;
        }
    }

    private boolean part(Batch batch, int start, int length, Consumer<Batch> publish) {
        if (!framing.isFramed()) {
            publish.accept(batch.clear().add(start, length));
            return true;
        }
        var bytes = batch.block().bytes();
        int end = start + length;
        int from = skip == 0 ? start : skipped(bytes, start, end);
        if (skip != 0) {
            return true;
        }
        int next = from;
        if (carried > 0) {
            long carriedEnd = framing.end(carry, carried, bytes, start, end);
            if (framing.isTooLarge(start - carried, carriedEnd, end, largest)) {
                return false;
            }
            if (carriedEnd < 0 || carriedEnd > end) {
                carry(bytes, start, end);
                return true;
            }
            next = (int) carriedEnd;
            from = finish(bytes, start, next, publish);
        }
        return publish(batch, from, next, end, publish);
    }

    private boolean publish(Batch batch, int from, int next, int end, Consumer<Batch> publish) {
        var bytes = batch.block().bytes();
        int last = framing.lastEnd(bytes, next, end, largest);
        boolean isTooLarge = last < 0;
        int whole = isTooLarge ? ~last : last;
        if (whole > from) {
            publish.accept(batch.clear().add(from, whole - from));
        }
        if (!isTooLarge && whole < end) {
            beganNs = nanoClock.getAsLong();
            carry(bytes, whole, end);
            onUnfinished.run();
        }
        return !isTooLarge;
    }

    /** {@return where in {@code bytes} begins what is to be published next: with what was carried, if it was small} */
    private int finish(ByteBuffer bytes, int start, int end, Consumer<Batch> publish) {
        if (carried <= LARGEST_GAP) {
            int from = start - carried;
            bytes.put(from, carry, 0, carried);
            discard();
            return from;
        }
        carry(bytes, start, end);
        var block = Block.kept(carry, memory);
        var batch = new Batch(block).add(0, carried);
        carry = null; // the block's now
        carried = 0;
        publish.accept(batch);
        block.release();
        return end;
    }

    private void carry(ByteBuffer bytes, int start, int end) {
        int needed = carried + end - start;
        if (carry == null) {
            carry = memory.acquire(Math.max(needed, FIRST_CARRY));
            grewNs = beganNs;
            grownTo = 0;
        } else if (needed > carry.capacity()) {
            var larger = memory.acquire(Math.max(needed, 2 * carry.capacity()));
            larger.put(0, carry, 0, carried);
            memory.release(carry);
            carry = larger;
        }
        carry.put(carried, bytes, start, end - start);
        carried = needed;
        if (carried - grownTo >= GROWTH) {
            grownTo = carried;
            grewNs = nanoClock.getAsLong();
        }
    }

    /** {@return where the next message begins, at most {@code end}} */
    private int skipped(ByteBuffer bytes, int start, int end) {
        if (skip > 0) {
            int passed = (int) Math.min(skip, end - start);
            skip -= passed;
            return start + passed;
        }
        long found = carried > 0 ? framing.end(carry, carried, bytes, start, end) : framing.end(bytes, start, end);
        if (found >= 0) {
            discard();
            skip = 0;
            return (int) found;
        }
        keepTail(bytes, start, end);
        return end;
    }

    /** Carry as many bytes as may be the first ones of a delimiter, and no others. */
    private void keepTail(ByteBuffer bytes, int start, int end) {
        int fresh = Math.min(end - start, framing.trailer() - 1);
        int old = Math.min(carried, framing.trailer() - 1 - fresh);
        if (fresh + old == 0) {
            discard();
            return;
        }
        var tail = ByteBuffer.allocate(fresh + old); // so few bytes are not worth counting
        if (old > 0) {
            tail.put(0, carry, carried - old, old);
        }
        tail.put(old, bytes, end - fresh, fresh);
        discard();
        carry = tail;
        carried = fresh + old;
    }

    /** {@return whether a message has begun whose end is not there} */
    private boolean isUnfinished() {
        return carried > 0 && skip == 0;
    }

    /**
     * {@return for how many nanoseconds a message has been unfinished; 0 if none is}
     */
    public long unfinishedNs() {
        return isUnfinished() ? Math.max(1, nanoClock.getAsLong() - beganNs) : 0;
    }

    /**
     * {@return how many bytes of memory the unfinished message holds; 0 if there is none}
     */
    public long unfinishedBytes() {
        return isUnfinished() ? carry.capacity() : 0;
    }

    /**
     * {@return for how many nanoseconds the unfinished message has grown by less than 16 KiB; 0 if there is none}
     */
    public long stalledNs() {
        return isUnfinished() ? nanoClock.getAsLong() - grewNs : 0;
    }

    /**
     * Discard the unfinished message, and the rest of it that is still to come.
     *
     * @return whether there was an unfinished message whose end can be found
     */
    public boolean giveUp() {
        if (!isUnfinished()) {
            return false;
        }
        long rest = framing.end(carry, carried, carry, 0, 0);
        if (rest > 0) {
            skip = rest;
            discard();
        } else if (framing.trailer() > 0) {
            skip = -1;
            keepTail(carry, 0, 0);
        } else {
            return false; // less than a length: that holds nearly nothing, and without it all would be lost
        }
        return true;
    }

    /**
     * Discard the unfinished message of a sender that has gone.
     *
     * @return whether there was one
     */
    public boolean end() {
        boolean was = isUnfinished();
        discard();
        return was;
    }

    private void discard() {
        if (carry != null && carry.isDirect()) {
            memory.release(carry);
        }
        carry = null;
        carried = 0;
    }
}
