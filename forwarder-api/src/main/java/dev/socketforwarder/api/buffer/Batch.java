package dev.socketforwarder.api.buffer;

import java.util.Arrays;

/**
 * What one sender sent, in one block, with its bounds: in the form of its {@link Form}. Mutable and meant to be used again
 * and again; not to be held after the call that it came with.
 */
public final class Batch {

    /** What stands between two bounds. */
    public enum Form {
        /** Bytes of a stream, as the group's framing has them: one or more whole messages with their frames; any bytes of raw ones. */
        STREAM,
        /** One bare message. */
        MESSAGES
    }

    private final Block block;
    private final Form form;
    private Object origin;
    private int leftOut;
    private int[] offsets = new int[1];
    private int[] lengths = new int[1];
    private int count;
    private long bytes;

    /**
     * Make one of a stream's bytes, with none yet.
     *
     * @param block holds the bytes
     */
    public Batch(Block block) {
        this(block, Form.STREAM);
    }

    /**
     * Make one without messages.
     *
     * @param block holds the bytes of all messages
     * @param form what stands between two bounds
     */
    public Batch(Block block, Form form) {
        this.block = block;
        this.form = form;
    }

    /**
     * {@return what stands between two bounds}
     */
    public Form form() {
        return form;
    }

    /**
     * {@return how many messages it has, where the group has this framing; of raw bytes, how many pieces}
     *
     * @param framing the group's
     */
    public int messages(Framing framing) {
        return form == Form.MESSAGES ? count : framing.count(this);
    }

    /**
     * {@return what {@link #origin(Object)} was told last; null: nothing}
     */
    public Object origin() {
        return origin;
    }

    /**
     * Say where the messages come from, for members of the publisher's own that are not to get all of them: a member that
     * another owner has may look at it as well. What is converted for members of another form does not tell it.
     *
     * @param sender whatever the publisher's own members know; immutable; null: nothing
     * @return this
     */
    public Batch origin(Object sender) {
        origin = sender;
        return this;
    }

    /**
     * {@return how many messages of the batch from which this was converted did not fit this one's form}
     */
    public int leftOut() {
        return leftOut;
    }

    /**
     * Get the bare messages of a stream's batch, in the same block. Raw bytes are cut in pieces.
     *
     * @param framing the group's; the batch has whole messages of it
     * @param largest the most bytes of one message; larger ones are left out
     * @return a batch that is valid as long as this one
     */
    public Batch bare(Framing framing, int largest) {
        var bare = new Batch(block, Form.MESSAGES);
        for (int i = 0; i < count; i++) {
            if (framing.isFramed()) {
                addBare(bare, framing, i, largest);
            } else {
                for (int at = 0; at < lengths[i]; at += largest) {
                    bare.add(offsets[i] + at, Math.min(largest, lengths[i] - at));
                }
            }
        }
        return bare;
    }

    private void addBare(Batch bare, Framing framing, int i, int largest) {
        int end = offsets[i] + lengths[i];
        for (int at = offsets[i]; at < end; ) {
            int next = (int) framing.end(block.bytes(), at, end);
            int length = next - at - framing.header() - framing.trailer();
            if (length <= largest) {
                bare.add(at + framing.header(), length);
            } else {
                bare.leftOut++;
            }
            at = next;
        }
    }

    /**
     * Copy these bare messages with frames around them.
     *
     * @param framing the group's
     * @param largest the most bytes of one bare message; larger ones are left out, and those that no frame fits
     * @param backlog has the memory for the copies
     * @return a batch of a stream, for the caller to {@link #release}
     * @throws OutOfQueueException if there is no memory for them
     */
    public Batch framed(Framing framing, int largest, Backlog backlog) {
        int frame = framing.header() + framing.trailer();
        var framed = backlog.room(Math.toIntExact(bytes + (long) frame * count));
        for (int i = 0; i < count; i++) {
            boolean fits = lengths[i] <= Math.min(largest, framing.largestMessage())
                    && framing.fits(block.bytes(), offsets[i], lengths[i]);
            if (fits) {
                int at = backlog.append(block.bytes(), offsets[i], offsets[i] + lengths[i], framing);
                framed.add(at, lengths[i] + frame);
            } else {
                framed.leftOut++;
            }
        }
        return framed;
    }

    /**
     * Remove all messages.
     *
     * @return this
     */
    public Batch clear() {
        count = 0;
        bytes = 0;
        leftOut = 0;
        return this;
    }

    /**
     * Add a message, or bytes of a stream.
     *
     * @param offset where it begins in the block
     * @param length its bytes, 0 or more
     * @return this
     */
    public Batch add(int offset, int length) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        offsets[count] = offset;
        lengths[count] = length;
        count++;
        bytes += length;
        block.published(offset + length);
        return this;
    }

    /**
     * {@return the block that holds the messages}
     */
    public Block block() {
        return block;
    }

    /**
     * {@return how many bounds there are: messages, or runs of a stream's bytes}
     */
    public int count() {
        return count;
    }

    /**
     * {@return where message {@code i} begins in the block}
     *
     * @param i from 0 to {@link #count} less one
     */
    public int offset(int i) {
        return offsets[i];
    }

    /**
     * {@return how many bytes message {@code i} has}
     *
     * @param i from 0 to {@link #count} less one
     */
    public int length(int i) {
        return lengths[i];
    }

    /**
     * {@return how many bytes all messages have}
     */
    public long bytes() {
        return bytes;
    }

    /**
     * {@return the same messages for another owner, which must {@link #release} them; only of a batch that {@link
     * Backlog#keep} made}
     */
    public Batch share() {
        var shared = new Batch(block.share(), form).origin(origin);
        for (int i = 0; i < count; i++) {
            shared.add(offsets[i], lengths[i]);
        }
        return shared;
    }

    /** Let go of the bytes; only of a batch that {@link Backlog#keep} or {@link #share} made. */
    public void release() {
        block.release();
    }
}
