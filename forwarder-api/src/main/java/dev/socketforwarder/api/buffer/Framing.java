package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Defines how streams are split into messages. A framing belongs to a group, and all members of the group use it. Immutable.
 *
 * <p>The <em>frame</em> of a message is a header before the message or a trailer behind it; the frame tells where the message
 * ends. A message without its frame is <em>bare</em>. Members that need no frame, such as those that use datagrams, get bare
 * messages. The size of a message is the size of the bare message. A framing is the {@link Encoding} of all members that name no
 * encoding of their own.
 */
public abstract sealed class Framing implements Encoding permits RawFraming, DelimitedFraming, PrefixedFraming {

    /** Streams without messages: bytes are forwarded as they arrive, in pieces of any size. */
    public static final Framing RAW = new RawFraming();

    /** Messages that end with a line feed. */
    public static final Framing LINE = new DelimitedFraming(new byte[] {'\n'});

    /** The largest length of a {@link #delimiter}, in bytes. */
    public static final int LONGEST_DELIMITER = 64;

    Framing() {}

    /**
     * {@return a framing whose messages end with a delimiter}
     *
     * @param bytes the delimiter, 1 to {@value #LONGEST_DELIMITER} bytes
     */
    public static Framing delimiter(byte[] bytes) {
        if (bytes.length < 1 || bytes.length > LONGEST_DELIMITER) {
            throw new IllegalArgumentException("a delimiter has 1 to " + LONGEST_DELIMITER + " bytes");
        }
        return new DelimitedFraming(bytes.clone());
    }

    /**
     * {@return a framing whose messages begin with their length}
     *
     * @param width how many bytes the length has, 2 or 4; the length is unsigned
     * @param order the byte order of the length
     * @throws IllegalArgumentException if the width is neither 2 nor 4
     */
    public static Framing lengthPrefixed(int width, ByteOrder order) {
        if (width != 2 && width != 4) {
            throw new IllegalArgumentException("a length has 2 or 4 bytes");
        }
        return new PrefixedFraming(width, order);
    }

    /**
     * {@return whether streams consist of messages: true except for {@link #RAW}}
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
     * {@return how many bytes of a frame are before the message}
     *
     * @param length the number of bytes of the bare message; a longer message never has a shorter header
     */
    public int headerBytes(int length) {
        return 0;
    }

    /**
     * {@return how many bytes a frame has in total, before and behind the message}
     *
     * @param length the number of bytes of the bare message; a longer message never has a shorter frame
     */
    public final int frameBytes(int length) {
        return headerBytes(length) + trailer();
    }

    /** {@return how many bytes of a frame are behind the message} */
    int trailer() {
        return 0;
    }

    /** {@return how many bytes the header of the framed message at position {@code at} has} */
    int headerAt(ByteBuffer bytes, int at) {
        return 0;
    }

    /**
     * {@return whether a bare message can be framed}
     *
     * @param bytes a buffer that contains the message; read by absolute positions
     * @param start where the bare message begins in {@code bytes}
     * @param length the number of bytes of the message, 0 or more
     */
    public abstract boolean fits(ByteBuffer bytes, int start, int length);

    @Override
    public final long maxBytes(int length) {
        return (long) length + frameBytes(length);
    }

    @Override
    public final boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into) {
        int start = message.position();
        int length = message.remaining();
        if (length > largestMessage() || !fits(message, start, length)) {
            return false;
        }
        int at = into.position();
        into.put(at + headerBytes(length), message, start, length);
        frame(into, at, length);
        into.position(at + length + frameBytes(length));
        return true;
    }

    /**
     * Copy a message, and put a frame around the copy.
     *
     * @param bare a message for which {@link #fits} is true, of at most {@link #largestMessage} bytes
     * @return direct memory that holds the framed message alone
     */
    public final ByteBuffer framed(byte[] bare) {
        var framed = ByteBuffer.allocateDirect(bare.length + frameBytes(bare.length));
        framed.put(headerBytes(bare.length), bare);
        frame(framed, 0, bare.length);
        return framed;
    }

    /** Write the frame of a message of {@code length} bytes. The framed message begins at {@code at}, with room for its header. */
    abstract void frame(ByteBuffer into, int at, int length);

    /**
     * {@return where the framed message that begins at {@code from} ends; -1 or beyond {@code end} if it ends later. If streams are
     * raw, the result is {@code end}}
     *
     * @param bytes a buffer that contains the message; read by absolute positions
     * @param from where the message begins, with its frame
     * @param end the end of the bytes that are there, above {@code from}
     */
    public abstract long end(ByteBuffer bytes, int from, int end);

    /**
     * {@return where a message ends in {@code bytes}: the first {@code carried} bytes of the message are in {@code carry}, and its
     * next bytes begin at {@code start}; -1 or beyond {@code end} if the message ends later}
     */
    abstract long end(ByteBuffer carry, int carried, ByteBuffer bytes, int start, int end);

    /**
     * Find the end of the last whole message.
     *
     * @param from where the first message begins
     * @param largest the largest allowed size of a bare message, in bytes
     * @return the end of the last whole message, or {@code from} if no message is whole. If a message is too large, the result is
     *     the complement ({@code ~}) of the position where that message begins
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

    /** {@return whether the message from {@code from} to {@code next} (a result of {@link #end}) has more than {@code largest} bytes} */
    final boolean isTooLarge(long from, long next, int end, int largest) {
        // If the end is not known, the last bytes may be the beginning of a trailer.
        long known = (next < 0 ? end + 1L : next) - from;
        return known - frameBytes(largest) > largest;
    }

    /** {@return how many messages a stream batch contains; the number of its parts if it is raw} */
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
