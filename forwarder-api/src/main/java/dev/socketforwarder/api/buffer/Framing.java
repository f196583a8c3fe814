package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Says how streams are split into messages. A framing belongs to a group, and all members of the group use it.
 *
 * <p>A message's <em>frame</em> marks its end: a header before the message, or a trailer behind it. A message without its frame is
 * <em>bare</em>; members that need no frame (datagrams) get bare messages. The size of a message is that of the bare message.
 * Immutable.
 */
public abstract sealed class Framing permits RawFraming, DelimitedFraming, PrefixedFraming {

    /** No messages: bytes as they come, in pieces of any size. */
    public static final Framing RAW = new RawFraming();

    /** A message ends with a line feed. */
    public static final Framing LINE = new DelimitedFraming(new byte[] {'\n'});

    /** The longest {@link #delimiter}, in bytes. */
    public static final int LONGEST_DELIMITER = 64;

    Framing() {}

    /**
     * {@return a framing whose messages end with a delimiter}
     *
     * @param bytes 1 to {@value #LONGEST_DELIMITER} bytes
     */
    public static Framing delimiter(byte[] bytes) {
        if (bytes.length < 1 || bytes.length > LONGEST_DELIMITER) {
            throw new IllegalArgumentException("a delimiter has 1 to " + LONGEST_DELIMITER + " bytes");
        }
        return new DelimitedFraming(bytes.clone());
    }

    /**
     * {@return a framing whose messages begin with the length of what follows}
     *
     * @param width the length's bytes, 2 or 4; unsigned
     * @param order of the length's bytes
     * @throws IllegalArgumentException if the width is neither 2 nor 4
     */
    public static Framing lengthPrefixed(int width, ByteOrder order) {
        if (width != 2 && width != 4) {
            throw new IllegalArgumentException("a length has 2 or 4 bytes");
        }
        return new PrefixedFraming(width, order);
    }

    /**
     * {@return whether there are messages: true except for {@link #RAW}}
     */
    public boolean isFramed() {
        return true;
    }

    /**
     * {@return the largest bare message that a frame can hold, in bytes}
     */
    public int largestMessage() {
        return Integer.MAX_VALUE;
    }

    /**
     * {@return how many bytes the frame of a message has before the message}
     *
     * @param length the bytes of the bare message; the longer it is, the more bytes this may be
     */
    public int headerBytes(int length) {
        return 0;
    }

    /**
     * {@return how many bytes the frame of a message has, before and behind the message}
     *
     * @param length the bytes of the bare message; the longer it is, the more bytes this may be
     */
    public final int frameBytes(int length) {
        return headerBytes(length) + trailer();
    }

    /** {@return how many bytes each frame has behind its message} */
    int trailer() {
        return 0;
    }

    /** {@return how many bytes the header has with which the framed message at {@code at} begins} */
    int headerAt(ByteBuffer bytes, int at) {
        return 0;
    }

    /**
     * {@return whether a frame can be put around a bare message}
     *
     * @param bytes hold the message; read by absolute positions
     * @param start where the bare message begins in {@code bytes}
     * @param length how many bytes the message has, 0 or more
     */
    public abstract boolean fits(ByteBuffer bytes, int start, int length);

    /**
     * Copy a message, and put a frame around the copy.
     *
     * @param bare a message that {@link #fits}, no longer than {@link #largestMessage}
     * @return direct memory that holds the framed message alone
     */
    public final ByteBuffer framed(byte[] bare) {
        var framed = ByteBuffer.allocateDirect(bare.length + frameBytes(bare.length));
        framed.put(headerBytes(bare.length), bare);
        frame(framed, 0, bare.length);
        return framed;
    }

    /** Write the frame around a message of {@code length} bytes that is put behind its header, at {@code at}. */
    abstract void frame(ByteBuffer into, int at, int length);

    /** {@return where the framed message that begins at {@code from} ends; beyond {@code end} or -1: not before it} */
    abstract long end(ByteBuffer bytes, int from, int end);

    /**
     * {@return where in {@code bytes} the message ends of which {@code carried} bytes are in {@code carry} and the next
     * ones follow at {@code start}; beyond {@code end} or -1: not before it}
     */
    abstract long end(ByteBuffer carry, int carried, ByteBuffer bytes, int start, int end);

    /**
     * Find the end of the last whole message.
     *
     * @param from where the first begins
     * @param largest the largest bare message allowed
     * @return that end, or {@code from} if no message is whole; its complement ({@code ~}) if the message that begins there
     *     is too large
     */
    int lastEnd(ByteBuffer bytes, int from, int end, int largest) {
        int at = from;
        while (at < end) {
            long next = end(bytes, at, end);
            if (isTooLarge(at, next, end, largest)) {
                return ~at;
            }
            if (next < 0 || next > end) {
                break;
            }
            at = (int) next;
        }
        return at;
    }

    /** {@return whether a message from {@code from} to {@code next} (see {@link #end}) has more than {@code largest} bytes} */
    final boolean isTooLarge(long from, long next, int end, int largest) {
        // Where the end is not known, the last bytes may be the first ones of a trailer.
        long known = (next < 0 ? end + 1L : next) - from;
        return known - frameBytes(largest) > largest;
    }

    /** {@return how many messages are in the batch of a stream: in a raw one, its pieces} */
    int count(Batch batch) {
        int count = 0;
        for (int i = 0; i < batch.count(); i++) {
            int end = batch.offset(i) + batch.length(i);
            for (long at = batch.offset(i);
                    at >= 0 && at < end;
                    at = end(batch.block().bytes(), (int) at, end)) {
                count++;
            }
        }
        return count;
    }
}
