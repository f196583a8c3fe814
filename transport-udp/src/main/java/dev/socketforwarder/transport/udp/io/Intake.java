package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.settings.ControlTexts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * The datagrams that one turn received from one socket, with their senders, in one block of direct memory. Used on the
 * endpoint's thread, again and again.
 *
 * <p>Each place offers one byte more than the largest datagram allowed, since the kernel cuts what does not fit without a
 * word: a datagram that fills it is too large.
 */
public final class Intake {
    /** Datagrams in one turn, so that tasks and other sockets wait no longer than for these. */
    public static final int MAX_DATAGRAMS = 64;

    private static final int HASHED_WORDS = 32;

    private final ByteBuffer bytes;
    private final Block block;
    private final int maxDatagram;
    private final int[] offsets = new int[MAX_DATAGRAMS];
    private final int[] lengths = new int[MAX_DATAGRAMS];
    private final InetSocketAddress[] sources = new InetSocketAddress[MAX_DATAGRAMS];
    private final InetAddress[] locals = new InetAddress[MAX_DATAGRAMS];
    private final int[] hopLimits = new int[MAX_DATAGRAMS];
    private int count;
    private int byteCount;

    /**
     * Make an empty one.
     *
     * @param maxDatagram the largest datagram allowed
     * @param memory direct, with room for at least one place
     */
    public Intake(int maxDatagram, ByteBuffer memory) {
        this.maxDatagram = maxDatagram;
        this.bytes = memory;
        this.block = Block.borrowed(memory);
    }

    /** Forget all datagrams; nothing may refer to them any more. */
    public void clear() {
        count = 0;
        byteCount = 0;
        block.recycle();
    }

    /** {@return the bytes of one place} */
    public int placeSize() {
        return placeSize(maxDatagram);
    }

    public static int placeSize(int maxDatagram) {
        return maxDatagram + 1;
    }

    /** {@return the memory; whoever receives into it moves its position and limit as it likes} */
    public ByteBuffer memory() {
        return bytes;
    }

    /**
     * Take over the datagram that was put at {@code offset}.
     *
     * @param local the address that it came to
     * @param hopLimit what it came with; {@link Hops#NONE} where that is not known
     */
    public void add(InetSocketAddress source, InetAddress local, int offset, int length, int hopLimit) {
        offsets[count] = offset;
        lengths[count] = length;
        sources[count] = source;
        locals[count] = local;
        hopLimits[count] = hopLimit;
        count++;
        byteCount += length;
    }

    public int count() {
        return count;
    }

    /** {@return how many bytes all datagrams have} */
    public int bytes() {
        return byteCount;
    }

    public Block block() {
        return block;
    }

    public int offset(int i) {
        return offsets[i];
    }

    public int length(int i) {
        return lengths[i];
    }

    /** {@return where datagram {@code i} came from; in a run of one sender mostly the same object} */
    public InetSocketAddress source(int i) {
        return sources[i];
    }

    /** {@return the address that datagram {@code i} came to; a wildcard where that is not known} */
    public InetAddress local(int i) {
        return locals[i];
    }

    /** {@return the hop limit that datagram {@code i} came with; {@link Hops#NONE} where that is not known} */
    public int hopLimit(int i) {
        return hopLimits[i];
    }

    public boolean isOversized(int i) {
        return lengths[i] > maxDatagram;
    }

    public boolean startsWith(int i, byte[] prefix) {
        return ControlTexts.startsWith(bytes, offsets[i], lengths[i], prefix);
    }

    public boolean isCookie(int i) {
        return ControlTexts.isCookie(bytes, offsets[i], lengths[i]);
    }

    public boolean isRegistration(int i, ControlTexts texts) {
        return texts.areRegistration(bytes, offsets[i], lengths[i]);
    }

    /** {@return a hash of datagram {@code i}: of its length and at most so many bytes, from all over it} */
    public long hash(int i, long seed) {
        int start = offsets[i];
        int length = lengths[i];
        long hash = mix(seed, length);
        int words = length / Long.BYTES;
        // Rounded up, and an odd number, so that there is no period that it might share.
        int step = words <= HASHED_WORDS ? 1 : words / HASHED_WORDS + 1 | 1;
        for (int word = 0; word < words; word += step) {
            hash = mix(hash, bytes.getLong(start + word * Long.BYTES));
        }
        int rest = Math.min(length, Long.BYTES);
        for (int k = length - rest; k < length; k++) {
            hash = mix(hash, bytes.get(start + k));
        }
        return hash;
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * 0x9E3779B97F4A7C15L;
        return mixed ^ mixed >>> Integer.SIZE;
    }

    /** {@return the bytes of datagram {@code i}, read-only, until {@link #clear}} */
    public ByteBuffer view(int i) {
        return bytes.asReadOnlyBuffer().limit(offsets[i] + lengths[i]).position(offsets[i]);
    }
}
