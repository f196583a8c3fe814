package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How the streams of a group's members are parted into messages. It belongs to the group: its members never disagree.
 *
 * <p>A message's <em>frame</em> is what tells where it ends: a header before it, or a trailer behind it. Without its frame
 * it is <em>bare</em>; that is what a member gets that needs no frame, as a datagram. Sizes of messages are those of bare
 * ones. Immutable.
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
     * {@return a framing whose messages end with these bytes}
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
     * @throws IllegalArgumentException if the width is another
     */
    public static Framing lengthPrefixed(int width, ByteOrder order) {
        if (width != 2 && width != 4) {
            throw new IllegalArgumentException("a length has 2 or 4 bytes");
        }
        return new PrefixedFraming(width, order);
    }

    /**
     * {@return whether there are messages at all: not {@link #RAW}}
     */
    public boolean isFramed() {
        return true;
    }

    /**
     * {@return the largest bare message that this frame can tell, in bytes}
     */
    public int largestMessage() {
        return Integer.MAX_VALUE;
    }

    /**
     * {@return how many bytes a frame has before its message}
     */
    public int header() {
        return 0;
    }

    /**
     * {@return how many bytes a frame has behind its message}
     */
    public int trailer() {
        return 0;
    }

    /**
     * {@return whether a frame can be put around this}
     *
     * @param bytes hold it; read by absolute positions
     * @param start where the bare message begins in {@code bytes}
     * @param length how many bytes it has, 0 or more
     */
    public abstract boolean fits(ByteBuffer bytes, int start, int length);

    /**
     * Copy a message, and put a frame around it.
     *
     * @param bare a message that {@link #fits}, no longer than {@link #largestMessage}
     * @return direct memory that holds nothing else
     */
    public final ByteBuffer framed(byte[] bare) {
        var framed = ByteBuffer.allocateDirect(header() + bare.length + trailer());
        framed.put(header(), bare);
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
        // Of one whose end is not known, the last bytes may be a trailer's first.
        long known = (next < 0 ? end + 1L : next) - from;
        return known - header() - trailer() > largest;
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
