package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Holds bytes in direct memory, which many queues of one owner read.
 *
 * <p>A <em>borrowed</em> block is the read buffer of a transport. From {@link dev.socketforwarder.api.Membership#publish
 * Membership.publish} on, its bytes must not change until the transport has flushed its members ({@link OutboundQueue#writeTo}).
 * The flush copies the bytes that members have not taken, once for all of them. Then the transport calls {@link #recycle} and
 * reads into the block again.
 *
 * <p>A <em>kept</em> block holds such copies and counts its references. When the last queue releases the block, the memory goes
 * back to the {@link Memory}. The count belongs to one owner and costs no atomic operation. Where several owners read the same
 * memory, each owner has a separate block over this memory.
 */
public final class Block {

    /** The memory that the kept blocks of one or more owners share. */
    private record Storage(ByteBuffer bytes, Memory memory, AtomicInteger blocks) {}

    private final ByteBuffer bytes;
    private final Storage storage; // null for a borrowed block
    private ByteBuffer[] views = new ByteBuffer[2];
    private int references;

    // For a borrowed block only: the end of the published bytes, and the copy of the bytes from 0 to copiedEnd.
    private int publishedEnd;
    private Block copy;
    private int copyStart;
    private int copiedEnd;

    private Block(ByteBuffer bytes, Storage storage) {
        this.bytes = bytes;
        this.storage = storage;
    }

    /**
     * Make a block over a transport's read buffer.
     *
     * @param bytes a direct buffer; the transport remains free to move its position and limit
     * @return a block over the whole buffer, from 0 to its capacity
     */
    public static Block borrowed(ByteBuffer bytes) {
        if (!bytes.isDirect()) {
            throw new IllegalArgumentException("a block is direct memory");
        }
        // A separate view: the transport may have set any limit by the time that bytes are copied.
        return new Block(bytes.duplicate().clear(), null);
    }

    /** Make a kept block that holds one reference. Its memory goes back to {@code memory} with the last reference. */
    static Block kept(ByteBuffer bytes, Memory memory) {
        var block = new Block(bytes, new Storage(bytes, memory, new AtomicInteger(1)));
        block.references = 1;
        return block;
    }

    /** Make a block over the same memory for another owner. The new block holds one reference. Only for a kept block with a reference. */
    Block share() {
        storage.blocks.incrementAndGet();
        var block = new Block(bytes, storage);
        block.references = 1;
        return block;
    }

    /**
     * {@return the memory, which must be read by absolute positions}
     */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Forget the copies of a borrowed block, so that its transport may read into the block again. */
    public void recycle() {
        publishedEnd = 0;
        forgetCopy();
    }

    private void forgetCopy() {
        if (copy != null) {
            copy.release();
            copy = null;
            copiedEnd = 0;
        }
    }

    /**
     * {@return whether a queue refers to this block, so that its bytes must not change}
     */
    public boolean isReferred() {
        return references > 0;
    }

    void published(int end) {
        publishedEnd = Math.max(publishedEnd, end);
    }

    /** {@return the end of the published bytes in a borrowed block} */
    int publishedEnd() {
        return publishedEnd;
    }

    boolean isBorrowed() {
        return storage == null;
    }

    void retain() {
        references++;
    }

    void release() {
        if (--references == 0 && storage != null && storage.blocks.decrementAndGet() == 0) {
            storage.memory.release(storage.bytes);
        }
    }

    /** {@return whether exactly one reference is left to this memory, counting the blocks of all owners} */
    boolean isHeldOnce() {
        return references == 1 && storage.blocks.get() == 1;
    }

    /**
     * {@return a view of the bytes from {@code start} to {@code end}, for place {@code slot} of one gathering write. The view of
     * a slot is allocated once and reused}
     */
    ByteBuffer view(int slot, int start, int end) {
        if (slot >= views.length) {
            views = Arrays.copyOf(views, Math.max(slot + 1, 2 * views.length));
        }
        var view = views[slot];
        if (view == null) {
            view = bytes.duplicate();
            views[slot] = view;
        }
        return view.clear().limit(end).position(start);
    }

    /** {@return the kept block with copies of all published bytes of this borrowed block; copies them now if that has not been done} */
    Block copy(Backlog backlog) {
        // Copy everything, not just the bytes that this member lacks: other members may be further behind.
        if (copy == null || publishedEnd > copiedEnd) {
            forgetCopy();
            copyStart = backlog.append(bytes, 0, publishedEnd);
            copy = backlog.current();
            copy.retain();
            copiedEnd = publishedEnd;
        }
        return copy;
    }

    /** {@return the position in {@link #copy} that corresponds to position 0 of this borrowed block} */
    int copyStart() {
        return copyStart;
    }
}
