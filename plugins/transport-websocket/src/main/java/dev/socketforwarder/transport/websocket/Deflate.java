package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Compresses and restores messages by permessage-deflate (RFC 7692). Each message stands alone, in both directions: so connections
 * keep no windows, a few tools serve all of them, and a compressed message is the same for all members. Thread-safe.
 */
final class Deflate {
    /** The extension as the forwarder always agrees to it. */
    static final String AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    /** A parameter to agree to (RFC 7692, section 7.1). The server's window is missing: the JDK cannot make its window smaller. */
    private static final Pattern PARAMETER = Pattern.compile("server_no_context_takeover|client_no_context_takeover"
            + "|client_max_window_bits(\\s*=\\s*(\"?)([89]|1[0-5])\\2)?");

    /** What ends each block that was flushed; senders leave it out (RFC 7692, section 7.2.1). */
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private static final int FIRST_BUFFER = 16 << 10;

    /**
     * The largest buffer that a tool keeps, on the heap. It has room for the largest message by default, and for a byte that would be
     * too much. Larger messages are restored into memory that the runtime counts: a stranger sends them in a few bytes.
     */
    private static final int LARGEST_BUFFER = (1 << 20) + 1;

    /** A message has one final block, if any, unless its sender wants to keep the event loop busy with fresh starts. */
    private static final int MOST_FINAL_BLOCKS = 8;

    /** Takes a restored message. */
    interface Taker {
        void take(ByteBuffer message) throws Violation;
    }

    /** A tool with its buffer, which grows with the messages, so that they leave no garbage. */
    private static final class Inflation {
        final Inflater inflater = new Inflater(true);
        private ByteBuffer usual = ByteBuffer.allocate(FIRST_BUFFER);
        private ByteBuffer large; // null unless a message has outgrown the usual buffer

        ByteBuffer buffer() {
            return large == null ? usual : large;
        }

        void grow(int largest, Memory memory) {
            var full = buffer();
            int capacity = (int) Math.min(largest + 1L, full.capacity() * 2L);
            if (capacity <= LARGEST_BUFFER) {
                usual = ByteBuffer.allocate(capacity).put(full.flip());
            } else {
                var larger = memory.acquire(capacity).clear().put(full.flip());
                release(memory);
                large = larger;
            }
        }

        void reset(Memory memory) {
            inflater.reset();
            usual.clear();
            release(memory);
        }

        private void release(Memory memory) {
            if (large != null) {
                memory.release(large);
                large = null;
            }
        }
    }

    // As many as threads have used at the same time: one for each event loop.
    private final ConcurrentLinkedQueue<Inflation> inflations = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Deflater> deflaters = new ConcurrentLinkedQueue<>();

    /**
     * {@return whether the forwarder can agree to a client's offer, which RFC 7692 allows}
     *
     * @param offer one element of the header {@code Sec-WebSocket-Extensions}
     */
    static boolean agreesTo(String offer) {
        var parts = Arrays.stream(offer.split(";", -1)).map(String::strip).toList();
        var parameters = parts.subList(1, parts.size());
        long names = parameters.stream()
                .map(parameter -> parameter.split("=", 2)[0].strip())
                .distinct()
                .count();
        return parts.getFirst().equals("permessage-deflate")
                && names == parameters.size()
                && parameters.stream()
                        .allMatch(parameter -> PARAMETER.matcher(parameter).matches());
    }

    /** {@return how large a message of {@code length} bytes may be in compressed form: deflate adds 5 bytes to 16 KiB at worst} */
    static int largestOf(int length) {
        return (int) Math.min(Integer.MAX_VALUE - 64L, length + (length >> 10) + 64L);
    }

    /**
     * Restore a message.
     *
     * @param compressed the payload of the message's frames
     * @param largest the largest message in bytes, beyond which nothing is restored
     * @param memory for large messages
     * @param taker gets the message, which is valid during that call
     */
    void inflate(ByteBuffer compressed, int largest, Memory memory, Taker taker) throws Violation {
        var pooled = inflations.poll();
        var inflation = pooled == null ? new Inflation() : pooled;
        try {
            taker.take(inflate(inflation, compressed, largest, memory));
        } finally {
            inflation.reset(memory);
            inflations.add(inflation);
        }
    }

    private static ByteBuffer inflate(Inflation inflation, ByteBuffer compressed, int largest, Memory memory)
            throws Violation {
        var inflater = inflation.inflater;
        int finalBlocks = 0;
        try {
            for (var input : new ByteBuffer[] {compressed, ByteBuffer.wrap(TAIL)}) {
                inflater.setInput(input);
                while (true) {
                    if (!inflation.buffer().hasRemaining()) {
                        inflation.grow(largest, memory);
                    }
                    int more = inflater.inflate(inflation.buffer());
                    if (inflation.buffer().position() > largest) {
                        throw Violation.tooBig(largest);
                    }
                    if (inflater.finished()) { // a final block, behind which others may follow
                        if (++finalBlocks > MOST_FINAL_BLOCKS) {
                            throw new Violation(Violation.INVALID_DATA, "a compressed message of many final blocks");
                        }
                        inflater.reset();
                        inflater.setInput(input);
                        if (!input.hasRemaining()) {
                            break;
                        }
                    } else if (more == 0) {
                        break;
                    }
                }
            }
        } catch (DataFormatException e) {
            throw new Violation(Violation.INVALID_DATA, "a message that is not compressed rightly: " + e.getMessage());
        }
        return inflation.buffer().flip();
    }

    /**
     * Compress a message.
     *
     * @param message the message from position to limit
     * @param into receives the payload of a frame from its position on
     * @return whether the compressed message fits; if not, the position of {@code into} has not changed
     */
    boolean deflate(ByteBuffer message, ByteBuffer into) {
        var pooled = deflaters.poll();
        var deflater = pooled == null ? new Deflater(Deflater.BEST_SPEED, true) : pooled;
        int begin = into.position();
        try {
            deflater.setInput(message.duplicate());
            deflater.deflate(into, Deflater.SYNC_FLUSH);
            boolean isWhole = into.hasRemaining(); // full means that more may follow
            into.position(isWhole ? into.position() - TAIL.length : begin);
            return isWhole;
        } finally {
            deflater.reset();
            deflaters.add(deflater);
        }
    }

    /** Let go of the native memory. */
    void close() {
        for (Inflation inflation; (inflation = inflations.poll()) != null; ) {
            inflation.inflater.end();
        }
        for (Deflater deflater; (deflater = deflaters.poll()) != null; ) {
            deflater.end();
        }
    }
}
