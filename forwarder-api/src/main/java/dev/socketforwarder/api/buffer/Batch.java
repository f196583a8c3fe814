package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Holds parts of one block that come from one sender. {@link Form} says what each part is. A batch is mutable and meant to be
 * reused, so a receiver must not keep the batch after the call that passed it.
 */
public final class Batch {

    /** Says what each part of a batch is. */
    public enum Form {
        /** A run of stream bytes in the group's framing: whole messages with their frames, or any bytes if the group is raw. */
        STREAM,
        /** One bare message, without a frame. */
        MESSAGES
    }

    private final Block block;
    private final Form form;
    private Object origin;
    private int leftOut;
    private int[] offsets = new int[1];
    private int[] lengths = new int[1];
    private MessageKind[] kinds; // null: no part has a kind
    private int count;
    private long bytes;

    /**
     * Make an empty batch for runs of stream bytes.
     *
     * @param block the block that contains the bytes
     */
    public Batch(Block block) {
        this(block, Form.STREAM);
    }

    /**
     * Make an empty batch.
     *
     * @param block the block that contains the bytes of all parts
     * @param form what each part is
     */
    public Batch(Block block, Form form) {
        this.block = block;
        this.form = form;
    }

    /**
     * {@return what each part of this batch is}
     */
    public Form form() {
        return form;
    }

    /**
     * {@return how many messages this batch contains, in a group with the given framing; the number of parts if the group is raw}
     *
     * @param framing the group's framing
     */
    public int messages(Framing framing) {
        return form == Form.MESSAGES ? count : framing.count(this);
    }

    /**
     * {@return the sender that was last set by {@link #origin(Object)}; null if none was set}
     */
    public Object origin() {
        return origin;
    }

    /**
     * Record the sender of the messages. A transport whose members must not receive all messages of the group can look at this
     * value to decide. Members of other owners can see the value too, and so can members of another form. What several members of
     * streams published together has no origin.
     *
     * @param sender an immutable object that the transport's members understand; null for none
     * @return this batch
     */
    public Batch origin(Object sender) {
        origin = sender;
        return this;
    }

    /**
     * {@return how many messages were omitted when this batch was converted from another form, since they did not fit}
     */
    public int leftOut() {
        return leftOut;
    }

    /**
     * Get the bare messages of a stream batch, in the same block. Raw bytes are cut into pieces.
     *
     * @param framing the group's framing; this batch contains whole messages of that framing
     * @param largest the largest allowed size of a bare message, in bytes; larger messages are omitted
     * @return a batch that is valid as long as this batch
     */
    public Batch bare(Framing framing, int largest) {
        var bare = new Batch(block, Form.MESSAGES).origin(origin);
        for (int i = 0; i < count; i++) {
            bare.addBare(framing, offsets[i], lengths[i], largest);
        }
        return bare;
    }

    /**
     * Add the bare messages of a run of stream bytes, as {@link #bare} does.
     *
     * @param framing the framing of the run, which contains whole messages
     * @param offset where the run begins in the block
     * @param length the number of bytes of the run
     * @param largest the largest allowed size of a bare message, in bytes; larger messages are omitted
     */
    public void addBare(Framing framing, int offset, int length, int largest) {
        int end = offset + length;
        for (int at = offset; at < end; ) {
            if (!framing.isFramed()) {
                add(at, Math.min(largest, end - at));
                at += Math.min(largest, end - at);
                continue;
            }
            int next = (int) framing.end(block.bytes(), at, end);
            int header = framing.headerAt(block.bytes(), at);
            int bare = next - at - header - framing.trailer();
            if (bare <= largest) {
                add(at + header, bare);
            } else {
                leftOut++;
            }
            at = next;
        }
    }

    /**
     * {@return the most bytes that {@link #encode} writes for this batch of bare messages}
     *
     * @param encoding how the messages are encoded
     */
    public long maxEncoded(Encoding encoding) {
        long most = 0;
        for (int i = 0; i < count; i++) {
            most += encoding.maxBytes(lengths[i]);
        }
        return most;
    }

    /**
     * Encode this batch of bare messages, one behind the other. Messages that are too large or that cannot be encoded are omitted.
     *
     * @param encoding how to encode the messages
     * @param largest the largest allowed size of a bare message, in bytes
     * @param into where to write, from the position on, with room for {@link #maxEncoded} bytes
     * @param ends receives for each message where it ends in {@code into}, or the complement ({@code ~}) of that position if the
     *     message is omitted
     * @return how many messages are omitted
     */
    public int encode(Encoding encoding, int largest, ByteBuffer into, int[] ends) {
        int room = into.limit();
        int omitted = 0;
        for (int i = 0; i < count; i++) {
            int at = into.position();
            into.limit(Math.toIntExact(
                    at + encoding.maxBytes(lengths[i]))); // or a faulty encoding would spoil the next messages
            boolean fits = lengths[i] <= largest
                    && encoding.encode(block.view(1, offsets[i], offsets[i] + lengths[i]), kind(i), into);
            if (!fits) {
                into.position(at);
                omitted++;
            }
            ends[i] = fits ? into.position() : ~at;
            into.limit(room);
        }
        return omitted;
    }

    /** Note how many messages were omitted when this batch was made. */
    Batch leftOut(int messages) {
        leftOut = messages;
        return this;
    }

    /**
     * Remove all parts.
     *
     * @return this batch
     */
    public Batch clear() {
        if (kinds != null) {
            Arrays.fill(kinds, null);
        }
        count = 0;
        bytes = 0;
        leftOut = 0;
        return this;
    }

    /**
     * Add a part: a message, or a run of stream bytes.
     *
     * @param offset where the part begins in the block
     * @param length the number of bytes, 0 or more
     * @return this batch
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
     * Add a message and what its sender meant it to be.
     *
     * @param offset where the message begins in the block
     * @param length the number of bytes, 0 or more
     * @param kind what the message is
     * @return this batch
     */
    public Batch add(int offset, int length, MessageKind kind) {
        add(offset, length);
        if (kind != MessageKind.NONE) {
            if (kinds == null) {
                kinds = new MessageKind[offsets.length];
            } else if (count > kinds.length) {
                kinds = Arrays.copyOf(kinds, offsets.length);
            }
            kinds[count - 1] = kind;
        }
        return this;
    }

    /**
     * {@return what the sender meant message {@code i} to be; {@code NONE} if the sender did not say}
     *
     * @param i from 0 to {@link #count} minus 1
     */
    public MessageKind kind(int i) {
        return kinds == null || i >= kinds.length || kinds[i] == null ? MessageKind.NONE : kinds[i];
    }

    /**
     * {@return the block that contains all parts}
     */
    public Block block() {
        return block;
    }

    /**
     * {@return the number of parts: messages, or runs of stream bytes}
     */
    public int count() {
        return count;
    }

    /**
     * {@return where part {@code i} begins in the block}
     *
     * @param i from 0 to {@link #count} minus 1
     */
    public int offset(int i) {
        return offsets[i];
    }

    /**
     * {@return the number of bytes of part {@code i}}
     *
     * @param i from 0 to {@link #count} minus 1
     */
    public int length(int i) {
        return lengths[i];
    }

    /**
     * {@return the number of bytes of all parts together}
     */
    public long bytes() {
        return bytes;
    }

    /**
     * {@return a batch with the same messages for another owner, which must {@link #release} that batch. Only for a batch that
     * {@link Backlog#keep} made}
     */
    public Batch share() {
        var shared = new Batch(block.share(), form).origin(origin);
        for (int i = 0; i < count; i++) {
            shared.add(offsets[i], lengths[i], kind(i));
        }
        return shared;
    }

    /** Release the bytes. Only for a batch that {@link Backlog#keep}, {@link Backlog#encode} or {@link #share} made. */
    public void release() {
        block.release();
    }
}
