package dev.socketforwarder.api;

import java.util.Arrays;

/**
 * Whole messages of one sender (or pieces of its raw stream), in one block, with their bounds. Mutable and meant to be
 * used again and again; not to be held after the call that it came with.
 */
public final class Batch {
    private final Block block;
    private int[] offsets = new int[1];
    private int[] lengths = new int[1];
    private int count;
    private long bytes;

    /** Make one without messages. */
    public Batch(Block block) {
        this.block = block;
    }

    /** Remove all messages. */
    public Batch clear() {
        count = 0;
        bytes = 0;
        return this;
    }

    /**
     * Add a message.
     *
     * @param offset where it begins in the block
     * @param length its bytes, 0 or more
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
     * {@return how many messages}
     */
    public int count() {
        return count;
    }

    /**
     * {@return where message {@code i} begins in the block}
     */
    public int offset(int i) {
        return offsets[i];
    }

    /**
     * {@return how many bytes message {@code i} has}
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
        var shared = new Batch(block.share());
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
