package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Holds bytes in direct memory, which many queues of one owner read.
 *
 * <p>A <em>borrowed</em> block is a transport's own read buffer. Its bytes must not change from {@link dev.socketforwarder.api.Membership#publish Membership.publish}
 * until the transport has flushed its members ({@link OutboundQueue#writeTo}); Bytes that a member could not take by then have
 * been copied, once for all members, and the transport reads into the block again after {@link #recycle}.
 *
 * <p>A <em>kept</em> block holds such copies. It is counted: the memory goes back to the {@link Memory} when the last queue no
 * longer needs the block. The count is the owner's own and costs no atomic operation; where several owners read the same memory,
 * each has a block of its own over it.
 */
public final class Block {

    /** Memory under the kept blocks of one or more owners. */
    private record Storage(ByteBuffer bytes, Memory memory, AtomicInteger blocks) {}

    private final ByteBuffer bytes;
    private final Storage storage; // null: borrowed
    private ByteBuffer[] views = new ByteBuffer[2];
    private int references;

    // Of a borrowed block alone: the end of what was published, and where its bytes from 0 to copiedEnd were copied to.
    private int publishedEnd;
    private Block copy;
    private int copyStart;
    private int copiedEnd;

    private Block(ByteBuffer bytes, Storage storage) {
        this.bytes = bytes;
        this.storage = storage;
    }

    /**
     * Make a block of a transport's read buffer.
     *
     * @param bytes direct; its position and limit are the transport's to move as it likes
     * @return a block of all of it, from 0 to its capacity
     */
    public static Block borrowed(ByteBuffer bytes) {
        if (!bytes.isDirect()) {
            throw new IllegalArgumentException("a block is direct memory");
        }
        // Its own view of them: the transport's limit may stand anywhere when a member's rest is copied.
        return new Block(bytes.duplicate().clear(), null);
    }

    /** Make a block that holds one reference and goes back to {@code memory} with its last. */
    static Block kept(ByteBuffer bytes, Memory memory) {
        var block = new Block(bytes, new Storage(bytes, memory, new AtomicInteger(1)));
        block.references = 1;
        return block;
    }

    /** Make a block over the same memory for another owner, holding one reference. This one must be kept and held. */
    Block share() {
        storage.blocks.incrementAndGet();
        var block = new Block(bytes, storage);
        block.references = 1;
        return block;
    }

    /**
     * {@return the memory; it must be read by absolute positions}
     */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Forget the copies of a borrowed block, so that its owner may read into it again. */
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
     * {@return whether a queue refers to the block, so that its bytes must not change}
     */
    public boolean isReferred() {
        return references > 0;
    }

    void published(int end) {
        publishedEnd = Math.max(publishedEnd, end);
    }

    /** {@return the end of what was published of a borrowed block} */
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

    /** {@return whether nobody but one holder reads this, by any owner's block} */
    boolean isHeldOnce() {
        return references == 1 && storage.blocks.get() == 1;
    }

    /**
     * {@return a view for the {@code slot}th place of one gathering write, from {@code start} to {@code end}; no
     * allocation but the first time}
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

    /** {@return the block with copies of all that was published from this borrowed one, made now if they are not there} */
    Block copy(Backlog backlog) {
        // All of it, not just what this member lacks: others may lag behind it.
        if (copy == null || publishedEnd > copiedEnd) {
            forgetCopy();
            copyStart = backlog.append(bytes, 0, publishedEnd);
            copy = backlog.current();
            copy.retain();
            copiedEnd = publishedEnd;
        }
        return copy;
    }

    /** {@return the position in {@link #copy} of this borrowed block's byte 0} */
    int copyStart() {
        return copyStart;
    }
}
