package dev.socketforwarder.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a message begins with: when it was due, who sent it and its number. None of these bytes is below 128, so that a
 * message has one line feed, its last byte.
 */
final class Message {
    /** The smallest message, in bytes. */
    static final int SMALLEST = 17;

    /** The number of one that is sent before a run, to see who hears whom. */
    static final long PROBE = (1L << 36) - 1;

    private static final int NUMBER_BITS = 36;
    private static final long SEVEN_OF_EIGHT = 0x7f7f7f7f7f7f7f7fL;
    private static final long HIGH_BITS = ~SEVEN_OF_EIGHT;
    private static final long ORIGIN = System.nanoTime();

    private Message() {}

    /** {@return a message with room for its header} */
    static byte[] blank(int size) {
        var bytes = "x".repeat(size).getBytes(StandardCharsets.US_ASCII);
        Arrays.fill(bytes, size - 1, size, (byte) '\n');
        return bytes;
    }

    /** {@return nanoseconds since this program began} */
    static long now() {
        return System.nanoTime() - ORIGIN;
    }

    /** Write the header of a message that begins at {@code at}. */
    static void write(ByteBuffer into, int at, long dueNs, int sender, long number) {
        into.putLong(at, widened(dueNs));
        into.putLong(at + Long.BYTES, widened((long) sender << NUMBER_BITS | number));
    }

    /** {@return whether no message of ours begins at {@code at}} */
    static boolean isDamaged(ByteBuffer bytes, int at) {
        return (bytes.getLong(at) & bytes.getLong(at + Long.BYTES) & HIGH_BITS) != HIGH_BITS;
    }

    static long dueNs(ByteBuffer bytes, int at) {
        return narrowed(bytes.getLong(at));
    }

    static int sender(ByteBuffer bytes, int at) {
        return (int) (narrowed(bytes.getLong(at + Long.BYTES)) >>> NUMBER_BITS);
    }

    static long number(ByteBuffer bytes, int at) {
        return narrowed(bytes.getLong(at + Long.BYTES)) & PROBE;
    }

    // 56 bits over 8 bytes, seven in each.
    private static long widened(long value) {
        return Long.expand(value, SEVEN_OF_EIGHT) | HIGH_BITS;
    }

    private static long narrowed(long bytes) {
        return Long.compress(bytes, SEVEN_OF_EIGHT);
    }
}
