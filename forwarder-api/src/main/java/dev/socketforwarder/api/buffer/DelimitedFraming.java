package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/** Frames messages by a sequence of bytes at the end of each message, such as a line feed. */
final class DelimitedFraming extends Framing {
    private static final long ONES = 0x0101010101010101L;
    private static final long LOW_BITS = 0x7f7f7f7f7f7f7f7fL;

    private final byte[] delimiter;
    private final byte first;
    /** The first byte of the delimiter, eight times. */
    private final long pattern;

    DelimitedFraming(byte[] delimiter) {
        this.delimiter = delimiter;
        this.first = delimiter[0];
        this.pattern = (first & 0xffL) * ONES;
    }

    @Override
    int trailer() {
        return delimiter.length;
    }

    @Override
    public boolean fits(ByteBuffer bytes, int start, int length) {
        if (delimiter.length == 1) {
            return end(bytes, start, start + length) < 0;
        }
        // A message may end with the beginning of the delimiter, as "a|" does with "||". Such a message would end too
        // early once its trailer follows.
        int seam = Math.min(length, delimiter.length - 1);
        return end(bytes, start, start + length) < 0 && !meets(bytes, start + length - seam, start + length);
    }

    /** {@return whether a delimiter begins before {@code end} if a whole delimiter is put at {@code end}} */
    private boolean meets(ByteBuffer bytes, int from, int end) {
        for (int at = from; at < end; at++) {
            boolean same = true;
            for (int i = 0; i < delimiter.length && same; i++) {
                same = delimiter[i] == (at + i < end ? bytes.get(at + i) : delimiter[at + i - end]);
            }
            if (same) {
                return true;
            }
        }
        return false;
    }

    @Override
    void frame(ByteBuffer into, int at, int length) {
        into.put(at + length, delimiter);
    }

    @Override
    public long end(ByteBuffer bytes, int from, int end) {
        int last = end - delimiter.length;
        for (int at = indexOfFirst(bytes, from, last + 1); at >= 0; at = indexOfFirst(bytes, at + 1, last + 1)) {
            if (isAt(bytes, at)) {
                return at + delimiter.length;
            }
        }
        return -1;
    }

    @Override
    long end(ByteBuffer carry, int carried, ByteBuffer bytes, int start, int end) {
        // The kept bytes contain no whole delimiter, so a new one can begin only in their last bytes, or in the new
        // bytes.
        for (int at = Math.max(0, carried - delimiter.length + 1); at < carried; at++) {
            if (at + delimiter.length - carried <= end - start && isAtSeam(carry, carried, bytes, start, at)) {
                return start + at + delimiter.length - carried;
            }
        }
        return end(bytes, start, end);
    }

    @Override
    int lastEnd(ByteBuffer bytes, int from, int end, int largest) {
        if (delimiter.length > 1 || end - from > largest) {
            return super.lastEnd(bytes, from, end, largest);
        }
        // No message can be too large, and a one-byte delimiter can be sought backwards: this examines only the last,
        // unfinished message.
        for (int at = end - 1; at >= from; at--) {
            if (bytes.get(at) == first) {
                return at + 1;
            }
        }
        return from;
    }

    private boolean isAt(ByteBuffer bytes, int at) {
        for (int i = 1; i < delimiter.length; i++) {
            if (bytes.get(at + i) != delimiter[i]) {
                return false;
            }
        }
        return true;
    }

    private boolean isAtSeam(ByteBuffer carry, int carried, ByteBuffer bytes, int start, int at) {
        for (int i = 0; i < delimiter.length; i++) {
            int k = at + i;
            if (delimiter[i] != (k < carried ? carry.get(k) : bytes.get(start + k - carried))) {
                return false;
            }
        }
        return true;
    }

    /** {@return the position of the delimiter's first byte, or -1}. Examines eight bytes at a time. */
    private int indexOfFirst(ByteBuffer bytes, int from, int end) {
        int at = from;
        boolean isBig = bytes.order() == ByteOrder.BIG_ENDIAN;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            long x = bytes.getLong(at) ^ pattern;
            // Sets the high bit of each byte that is zero, and no other bit.
            long zeros = ~(((x & LOW_BITS) + LOW_BITS) | x | LOW_BITS);
            if (zeros != 0) {
                return at + ((isBig ? Long.numberOfLeadingZeros(zeros) : Long.numberOfTrailingZeros(zeros)) >>> 3);
            }
        }
        for (; at < end; at++) {
            if (bytes.get(at) == first) {
                return at;
            }
        }
        return -1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DelimitedFraming that && Arrays.equals(delimiter, that.delimiter);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(delimiter);
    }

    @Override
    public String toString() {
        return this.equals(LINE) ? "line" : "delimiter " + HexFormat.of().formatHex(delimiter);
    }
}
