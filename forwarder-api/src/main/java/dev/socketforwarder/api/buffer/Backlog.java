package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;

/**
 * Keeps the bytes that members of one group and one owner could not take at once. Each byte is copied once for all these members,
 * and the copies are packed into blocks. Only the runtime makes backlogs. A backlog is used on the owner's thread.
 */
public final class Backlog {
    // A group that lags a little holds little memory. A group that lags a lot gets blocks that are large enough for a
    // gathering write.
    private static final int FIRST_BLOCK = 4 * 1024;
    private static final int LARGEST_BLOCK = 256 * 1024;
    private static final int MUCH_LARGER = 4;

    private final Memory memory;
    private Block current; // this backlog holds the block as long as the block has room; null if there is none
    private int position;
    private int nextSize = FIRST_BLOCK;

    /**
     * Make an empty backlog.
     *
     * @param memory gives out the blocks, and takes them back
     */
    public Backlog(Memory memory) {
        this.memory = memory;
    }

    /**
     * Copy a batch for other owners.
     *
     * @param batch a batch of any block; the batch belongs to the caller again when this method returns
     * @return a batch with the same messages, whose block holds a reference for the caller. The caller gives each owner a
     *     separate {@link Batch#share}, and then calls {@link Batch#release}
     * @throws OutOfQueueException if there is no memory for the copy
     */
    public Batch keep(Batch batch) {
        var kept = room(Math.toIntExact(batch.bytes()), batch.form()).origin(batch.origin());
        for (int i = 0; i < batch.count(); i++) {
            int start = batch.offset(i);
            kept.add(append(batch.block().bytes(), start, start + batch.length(i)), batch.length(i), batch.kind(i));
        }
        return kept;
    }

    /**
     * Copy a message that is in no block.
     *
     * @param message the bare message, from position to limit, which stays unchanged
     * @param kind what the message is
     * @return a batch of bare messages, which the caller must {@link Batch#release}
     * @throws OutOfQueueException if there is no memory for the copy
     */
    public Batch keep(ByteBuffer message, MessageKind kind) {
        var kept = room(message.remaining(), Batch.Form.MESSAGES);
        return kept.add(append(message, message.position(), message.limit()), message.remaining(), kind);
    }

    /**
     * Encode bare messages for all members with the same encoding.
     *
     * @param bare the messages, in any block
     * @param encoding how to encode the messages
     * @param largest the largest allowed size of a bare message, in bytes
     * @param ends receives what {@link Batch#encode} says about each message
     * @return a stream batch of at most one part, which the caller must {@link Batch#release}
     * @throws OutOfQueueException if there is no memory for the encoded messages
     */
    public Batch encode(Batch bare, Encoding encoding, int largest, int[] ends) {
        long most = bare.maxEncoded(encoding);
        if (most > Integer.MAX_VALUE) {
            throw new OutOfQueueException();
        }
        var encoded = room((int) most, Batch.Form.STREAM).origin(bare.origin());
        try {
            int start = position;
            var into = current.view(0, start, current.bytes().capacity());
            encoded.leftOut(bare.encode(encoding, largest, into, ends));
            position = into.position();
            int length = position - start;
            if (start == 0 && most / MUCH_LARGER > Math.max(length, nextSize)) {
                encoded = fitting(encoded, length);
            }
            return length == 0 ? encoded : encoded.add(start, length);
        } catch (RuntimeException | Error e) {
            encoded.release();
            throw e;
        }
    }

    /** Move what was encoded into the current block to a smaller one, since a queue may hold the block for long. */
    private Batch fitting(Batch encoded, int length) {
        Block smaller;
        try {
            smaller = Block.kept(acquire(length), memory);
        } catch (OutOfQueueException _) {
            return encoded; // memory is short: do without the copy
        }
        smaller.bytes().put(0, current.bytes(), 0, length);
        smaller.retain();
        encoded.release();
        close();
        current = smaller;
        return new Batch(smaller, Batch.Form.STREAM).origin(encoded.origin()).leftOut(encoded.leftOut());
    }

    private Batch room(int bytes, Batch.Form form) {
        reserve(bytes);
        current.retain();
        return new Batch(current, form);
    }

    /** Release the current block if no queue reads it. For a group that has become idle. */
    public void trim() {
        if (current != null && current.isHeldOnce()) {
            drop();
            nextSize = FIRST_BLOCK;
        }
    }

    /** Release the current block for good, even if queues still read it. */
    public void close() {
        if (current != null) {
            drop();
        }
    }

    /** {@return a new empty backlog that uses the same memory} */
    Backlog another() {
        return new Backlog(memory);
    }

    private void drop() {
        current.release();
        current = null;
    }

    /** {@return the position in {@link #current} at which the copy begins} */
    int append(ByteBuffer from, int start, int end) {
        int length = end - start;
        reserve(length);
        current.bytes().put(position, from, start, length);
        position += length;
        return position - length;
    }

    Block current() {
        return current;
    }

    private ByteBuffer acquire(int length) {
        try {
            return memory.acquire(Math.max(length, nextSize));
        } catch (OutOfQueueException _) {
            return memory.acquire(length); // memory is short: do without the room for later bytes
        }
    }

    private void reserve(int length) {
        if (current != null && current.isHeldOnce()) {
            position = 0;
        }
        if (current != null && current.bytes().capacity() - position >= length) {
            return;
        }
        close();
        current = Block.kept(acquire(length), memory);
        position = 0;
        nextSize = Math.min(4 * nextSize, LARGEST_BLOCK);
    }
}
