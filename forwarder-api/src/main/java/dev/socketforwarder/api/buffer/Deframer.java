package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Splits the stream of one sender into whole messages and publishes them. Raw bytes are published as they arrive. An unfinished
 * message is kept here until its end arrives. Used on the thread of the sender's owner.
 *
 * <p>No byte is examined twice, however small the pieces of a message are. Nothing is allocated per message.
 */
public final class Deframer {

    /** Says what happened to the bytes that were read. */
    public enum Result {
        /** The bytes are published, or are kept until the rest of their message arrives. */
        TAKEN,
        /** A message is larger than allowed. */
        TOO_LARGE,
        /** There is no memory for an unfinished message. */
        NO_MEMORY
    }

    // The kept bytes of a small message are put in front of its end in the read buffer, so that one batch holds all
    // whole messages.
    private static final int LARGEST_GAP = 64 * 1024;
    private static final int FIRST_CARRY = 4 * 1024;
    private static final int GROWTH = 16 * 1024;

    private final Framing framing;
    private final int largest;
    private final Memory memory;
    private final Runnable onUnfinished;
    private final LongSupplier nanoClock;

    /** The unfinished message; null if there is none. While a message is skipped: its last bytes, on the heap, or null. */
    private ByteBuffer carry;

    /** The number of bytes in {@link #carry}: bytes of the unfinished message from earlier reads. */
    private int carried;

    private boolean isPresented;
    private boolean isPresenting; // whether a reader reads what is kept here
    private boolean hasEnded; // while a reader read
    private long beganNs;
    private long grewNs; // when the message last completed another GROWTH bytes
    private int grownTo;
    /** After a message was given up: how many of its bytes are still to be skipped, or -1 to skip all bytes up to its end. */
    private long skip;

    /**
     * Make a deframer for the beginning of a stream. Only the runtime calls this constructor.
     *
     * @param framing the group's framing
     * @param largest the largest allowed size of a bare message, in bytes
     * @param memory provides and counts the memory for unfinished messages
     * @param onUnfinished called whenever a message has begun and its end has not arrived
     * @param nanoClock a monotonic clock, in nanoseconds
     */
    public Deframer(Framing framing, int largest, Memory memory, Runnable onUnfinished, LongSupplier nanoClock) {
        this.framing = framing;
        this.largest = largest;
        this.memory = memory;
        this.onUnfinished = onUnfinished;
        this.nanoClock = nanoClock;
    }

    /**
     * {@return how many bytes of the block must stay free before the position at which the next bytes are read}. The gap is small
     * compared with a read buffer of 256 KiB.
     */
    public int gap() {
        return carried <= LARGEST_GAP ? carried : 0;
    }

    /**
     * Take the bytes that were read, and publish all messages that are complete now.
     *
     * @param batch used to publish; its block contains the bytes that were read, behind a {@link #gap}
     * @param start where these bytes begin in the block
     * @param length how many bytes were read, at least 1
     * @param publish delivers the messages to the other members
     * @return what happened to the bytes. After any result but {@link Result#TAKEN}, the sender must be closed; earlier messages
     *     of these bytes have been published
     */
    public Result accept(Batch batch, int start, int length, Consumer<Batch> publish) {
        try {
            return part(batch, start, length, publish) ? Result.TAKEN : Result.TOO_LARGE;
        } catch (OutOfQueueException _) {
            return Result.NO_MEMORY;
        }
    }

    /**
     * Present the bytes that were read to a reader that knows their format, behind what it left before. What the reader leaves now is
     * kept as an unfinished message. For a stream of which {@link #accept} sees nothing.
     *
     * @param block contains the bytes that were read, behind a {@link #gap}
     * @param start where these bytes begin in the block
     * @param length how many bytes were read; 0 to present what was left once more
     * @param most how many bytes the reader may leave
     * @param reader takes bytes from the buffer's position on, and may overwrite what it takes
     * @return what happened to the bytes. After any result but {@link Result#TAKEN}, the sender must be closed
     */
    public Result present(Block block, int start, int length, int most, Consumer<ByteBuffer> reader) {
        isPresented = true;
        isPresenting = true;
        try {
            return presentAll(block, start, length, most, reader);
        } catch (OutOfQueueException _) {
            return Result.NO_MEMORY;
        } finally {
            isPresenting = false;
            if (hasEnded) {
                discard();
            }
        }
    }

    private Result presentAll(Block block, int start, int length, int most, Consumer<ByteBuffer> reader) {
        if (carried > length || carried > LARGEST_GAP) {
            // Small pieces of a large message are added to it: to move the message for each piece would take too
            // long.
            carry(block.bytes(), start, start + length);
            presentCarried(reader);
            return carried > most && !hasEnded ? Result.TOO_LARGE : Result.TAKEN;
        }
        int from = start - carried;
        boolean isNew = carried == 0;
        if (!isNew) {
            block.bytes().put(from, carry, 0, carried);
        }
        int end = start + length;
        int next = presented(block.view(0, from, end), from, end, reader);
        if (hasEnded) {
            return Result.TAKEN;
        }
        int left = end - next;
        if (left > most) {
            return Result.TOO_LARGE;
        }
        carried = 0;
        if (left == 0) {
            discard();
        } else {
            carry(block.bytes(), next, end);
            begin(isNew || next > from);
        }
        return Result.TAKEN;
    }

    private void presentCarried(Consumer<ByteBuffer> reader) {
        int next = presented(carry.clear().limit(carried), 0, carried, reader);
        if (hasEnded) {
            return;
        }
        carry.clear();
        if (next > 0) { // else all bytes of a large message would be moved for each small piece
            carry.put(0, carry, next, carried - next);
            carried -= next;
        }
        if (carried == 0) {
            discard();
        } else {
            begin(next > 0);
        }
    }

    private static int presented(ByteBuffer bytes, int from, int end, Consumer<ByteBuffer> reader) {
        reader.accept(bytes);
        int next = bytes.position();
        if (next < from || next > end) {
            throw new IllegalStateException("the reader took bytes that were not there");
        }
        return next;
    }

    /** Note that a message is unfinished. */
    private void begin(boolean isNew) {
        if (isNew) {
            beganNs = nanoClock.getAsLong();
            grewNs = beganNs;
            grownTo = 0;
            onUnfinished.run();
        }
    }

    /**
     * {@return whether the stream is read by {@link #present}, so that an unfinished message cannot be skipped}
     */
    public boolean isPresented() {
        return isPresented;
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

    /** {@return the position in {@code bytes} of the next bytes to publish, which include the kept bytes of a small message} */
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
        carry = null; // the memory belongs to the block now
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

    /** {@return where the next message begins, or {@code end} if the message to skip goes on} */
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

    /** Keep the last bytes that may be the beginning of a delimiter, and no others. */
    private void keepTail(ByteBuffer bytes, int start, int end) {
        int fresh = Math.min(end - start, framing.trailer() - 1);
        int old = Math.min(carried, framing.trailer() - 1 - fresh);
        if (fresh + old == 0) {
            discard();
            return;
        }
        var tail = ByteBuffer.allocate(fresh + old); // on the heap and not counted, since these are at most 63 bytes
        if (old > 0) {
            tail.put(0, carry, carried - old, old);
        }
        tail.put(old, bytes, end - fresh, fresh);
        discard();
        carry = tail;
        carried = fresh + old;
    }

    /** {@return whether a message has begun and its end has not arrived} */
    private boolean isUnfinished() {
        return carried > 0 && skip == 0;
    }

    /**
     * {@return how many nanoseconds ago the unfinished message began; 0 if no message is unfinished}
     */
    public long unfinishedNs() {
        return isUnfinished() ? Math.max(1, nanoClock.getAsLong() - beganNs) : 0;
    }

    /**
     * {@return how many bytes of memory the unfinished message occupies; 0 if no message is unfinished}
     */
    public long unfinishedBytes() {
        return isUnfinished() ? carry.capacity() : 0;
    }

    /**
     * {@return for how many nanoseconds the unfinished message has grown by less than 16 KiB; 0 if no message is unfinished}
     */
    public long stalledNs() {
        return isUnfinished() ? nanoClock.getAsLong() - grewNs : 0;
    }

    /**
     * Discard the unfinished message, and skip the rest of the message when it arrives.
     *
     * @return whether there was an unfinished message whose end can still be found
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
            // The length itself is incomplete. These few bytes cost little, and the stream makes no sense without them.
            return false;
        }
        return true;
    }

    /**
     * Discard the unfinished message of a sender that has left, as soon as no reader reads it any more.
     *
     * @return whether there was an unfinished message
     */
    public boolean end() {
        boolean was = isUnfinished();
        if (isPresenting) {
            hasEnded = true;
        } else {
            discard();
        }
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
