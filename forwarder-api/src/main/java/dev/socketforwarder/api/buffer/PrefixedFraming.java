package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Frames messages by a header that contains the length of the message. */
final class PrefixedFraming extends Framing {
    private final int width;
    private final ByteOrder order;

    PrefixedFraming(int width, ByteOrder order) {
        this.width = width;
        this.order = order;
    }

    @Override
    public int largestMessage() {
        return width == 2 ? 0xffff : Integer.MAX_VALUE;
    }

    @Override
    public int headerBytes(int length) {
        return width;
    }

    @Override
    int headerAt(ByteBuffer bytes, int at) {
        return width;
    }

    @Override
    public boolean fits(ByteBuffer bytes, int start, int length) {
        return length <= largestMessage();
    }

    @Override
    void frame(ByteBuffer into, int at, int length) {
        for (int i = 0; i < width; i++) {
            into.put(at + i, (byte) (length >> shift(i)));
        }
    }

    @Override
    public long end(ByteBuffer bytes, int from, int end) {
        if (end - from < width) {
            return -1;
        }
        long length = 0;
        for (int i = 0; i < width; i++) {
            length |= (bytes.get(from + i) & 0xffL) << shift(i);
        }
        return from + width + length;
    }

    @Override
    long end(ByteBuffer carry, int carried, ByteBuffer bytes, int start, int end) {
        if (carried + end - start < width) {
            return -1;
        }
        long length = 0;
        for (int i = 0; i < width; i++) {
            // The header itself may be split between both buffers.
            byte each = i < carried ? carry.get(i) : bytes.get(start + i - carried);
            length |= (each & 0xffL) << shift(i);
        }
        return start - carried + width + length;
    }

    private int shift(int i) {
        return 8 * (order == ByteOrder.BIG_ENDIAN ? width - 1 - i : i);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrefixedFraming that && width == that.width && order == that.order;
    }

    @Override
    public int hashCode() {
        return 31 * width + order.hashCode();
    }

    @Override
    public String toString() {
        return "length-prefixed " + width + " " + (order == ByteOrder.BIG_ENDIAN ? "big" : "little");
    }
}
