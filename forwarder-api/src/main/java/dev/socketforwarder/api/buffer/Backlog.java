package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;

/**
 * The bytes that members of one group and one owner could not take at once, each copied once for all of them, packed
 * into blocks one after the other. Made by the runtime; used on the owner's thread.
 */
public final class Backlog {
    // A group that lags a little holds little; one that lags much gets blocks worth a gathering write.
    private static final int FIRST_BLOCK = 4 * 1024;
    private static final int LARGEST_BLOCK = 256 * 1024;

    private final Memory memory;
    private Block current; // held by this backlog while it has room, or null
    private int position;
    private int nextSize = FIRST_BLOCK;

    /**
     * Make one that holds nothing.
     *
     * @param memory where its blocks come from and go back to
     */
    public Backlog(Memory memory) {
        this.memory = memory;
    }

    /**
     * Copy a batch for other owners.
     *
     * @param batch of any block; it belongs to the caller again on return
     * @return a batch with the same messages, whose block holds a reference for the caller; give each owner its own
     *     {@link Batch#share}, then {@link Batch#release} it
     * @throws OutOfQueueException if there is no memory for it
     */
    public Batch keep(Batch batch) {
        var kept = room(Math.toIntExact(batch.bytes()), batch.form()).origin(batch.origin());
        for (int i = 0; i < batch.count(); i++) {
            int start = batch.offset(i);
            kept.add(append(batch.block().bytes(), start, start + batch.length(i)), batch.length(i));
        }
        return kept;
    }

    /** {@return an empty batch of a stream, over a block with this much room; it holds a reference} */
    Batch room(int bytes) {
        return room(bytes, Batch.Form.STREAM);
    }

    private Batch room(int bytes, Batch.Form form) {
        reserve(bytes);
        current.retain();
        return new Batch(current, form);
    }

    /** Let go of the block with room in it, if nobody reads it. For a group that has fallen silent. */
    public void trim() {
        if (current != null && current.isHeldOnce()) {
            drop();
            nextSize = FIRST_BLOCK;
        }
    }

    /** Let go of the block with room in it, whoever still reads it; for the end. */
    public void close() {
        if (current != null) {
            drop();
        }
    }

    /** {@return one that holds nothing, with the same memory} */
    Backlog another() {
        return new Backlog(memory);
    }

    private void drop() {
        current.release();
        current = null;
    }

    /** {@return the position in {@link #current} where the copy of {@code from}'s range begins} */
    int append(ByteBuffer from, int start, int end) {
        int length = end - start;
        reserve(length);
        current.bytes().put(position, from, start, length);
        position += length;
        return position - length;
    }

    /** {@return where the copy of a message begins, with a frame around it}; there must be {@link #room} */
    int append(ByteBuffer from, int start, int end, Framing framing) {
        int at = position;
        current.bytes().put(at + framing.header(), from, start, end - start);
        framing.frame(current.bytes(), at, end - start);
        position += framing.header() + end - start + framing.trailer();
        return at;
    }

    Block current() {
        return current;
    }

    private ByteBuffer acquire(int length) {
        try {
            return memory.acquire(Math.max(length, nextSize));
        } catch (OutOfQueueException _) {
            return memory.acquire(length); // room for more is a luxury now
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
