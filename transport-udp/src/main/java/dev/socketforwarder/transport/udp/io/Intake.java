package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.settings.ControlTexts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * The datagrams that one turn received from one socket, with their senders, in one block of direct memory. Used on the
 * endpoint's thread, turn after turn.
 *
 * <p>Each place has one byte more than the largest allowed datagram, since the kernel truncates silently: a datagram
 * that fills its place is too large.
 */
public final class Intake {
    /** Bounds how long tasks and other sockets wait for one turn. */
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
     * Make an empty intake.
     *
     * @param maxDatagram the largest allowed datagram
     * @param memory direct, with room for at least one place
     */
    public Intake(int maxDatagram, ByteBuffer memory) {
        this.maxDatagram = maxDatagram;
        this.bytes = memory;
        this.block = Block.borrowed(memory);
    }

    /** Discard all datagrams, which nothing may refer to any more. */
    public void clear() {
        count = 0;
        byteCount = 0;
        block.recycle();
    }

    /** {@return the size of one place in bytes} */
    public int placeSize() {
        return placeSize(maxDatagram);
    }

    public static int placeSize(int maxDatagram) {
        return maxDatagram + 1;
    }

    /** {@return the memory; receiving may change its position and limit} */
    public ByteBuffer memory() {
        return bytes;
    }

    /**
     * Add the datagram that was received at {@code offset}.
     *
     * @param local the address that it arrived at
     * @param hopLimit the hop limit that it arrived with; {@link Hops#NONE} if unknown
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

    /** {@return the number of bytes of all datagrams} */
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

    /** {@return the source of datagram {@code i}; mostly the same object throughout a run of one sender} */
    public InetSocketAddress source(int i) {
        return sources[i];
    }

    /** {@return the address that datagram {@code i} arrived at; a wildcard if unknown} */
    public InetAddress local(int i) {
        return locals[i];
    }

    /** {@return the hop limit that datagram {@code i} arrived with; {@link Hops#NONE} if unknown} */
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

    /**
     * {@return a hash of the length of datagram {@code i} and of a bounded number of its bytes, spread over all of it}
     */
    public long hash(int i, long seed) {
        int start = offsets[i];
        int length = lengths[i];
        long hash = mix(seed, length);
        int words = length / Long.BYTES;
        // Rounded up to an odd number, so that it shares no period with the content.
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
