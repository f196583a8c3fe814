package dev.socketforwarder.api.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks what a {@link Deframer} makes of a stream that arrives in pieces. The expected result is computed by the simplest means:
 * byte by byte, with the whole stream in view. For property tests and for fuzzing.
 */
final class FramingCheck {

    /** A framing, and what a client knows about it. */
    enum Kind {
        LINE(Framing.LINE, 0, "\n"),
        FEED(Framing.delimiter(latin("\r\n")), 0, "\r\n"),
        OVERLAP(Framing.delimiter(latin("aab")), 0, "aab"),
        SAME(Framing.delimiter(latin("||||")), 0, "||||"),
        LONG(Framing.delimiter(latin("ab".repeat(32))), 0, "ab".repeat(32)),
        BIG_2(Framing.lengthPrefixed(2, ByteOrder.BIG_ENDIAN), 2, ""),
        LITTLE_2(Framing.lengthPrefixed(2, ByteOrder.LITTLE_ENDIAN), -2, ""),
        BIG_4(Framing.lengthPrefixed(4, ByteOrder.BIG_ENDIAN), 4, ""),
        LITTLE_4(Framing.lengthPrefixed(4, ByteOrder.LITTLE_ENDIAN), -4, "");

        final Framing framing;
        final byte[] delimiter;
        private final int width; // negative if the lowest byte comes first

        Kind(Framing framing, int width, String delimiter) {
            this.framing = framing;
            this.width = width;
            this.delimiter = latin(delimiter);
        }

        int header() {
            return Math.abs(width);
        }

        /** {@return the message with its frame} */
        byte[] framed(byte[] bare) {
            var out = new ByteArrayOutputStream();
            for (int i = 0; i < header(); i++) {
                int shift = 8 * (width > 0 ? width - 1 - i : i);
                out.write(bare.length >> shift);
            }
            out.writeBytes(bare);
            out.writeBytes(delimiter);
            return out.toByteArray();
        }

        /** {@return where the message that begins at {@code from} ends; {@link Long#MAX_VALUE} if the end is not known yet} */
        private long end(byte[] stream, String text, int from) {
            if (header() == 0) {
                int at = text.indexOf(latin(delimiter), from);
                return at < 0 ? Long.MAX_VALUE : at + delimiter.length;
            }
            if (from + header() > stream.length) {
                return Long.MAX_VALUE;
            }
            long length = 0;
            for (int i = 0; i < header(); i++) {
                length = length << 8 | stream[from + (width > 0 ? i : header() - 1 - i)] & 0xff;
            }
            return from + header() + length;
        }
    }

    /** The size of one read, and whether the test gives up the unfinished message after the read. */
    record Piece(byte[] bytes, boolean giveUp) {}

    /** The messages that came out. */
    private record Outcome(byte[] published, List<byte[]> bare, boolean tooLarge, int givenUp, boolean unfinished) {}

    private static final int BLOCK_BYTES = 256 * 1024;
    /** The largest size of a read. So a read always fits behind a gap, as a transport ensures. */
    static final int LARGEST_PIECE = BLOCK_BYTES / 2;

    // Shared by all checks, which run one after another: allocating this buffer takes longer than most checks.
    private static final ByteBuffer READ = ByteBuffer.allocateDirect(BLOCK_BYTES);

    private FramingCheck() {}

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Assert that a stream in these pieces yields the expected messages. */
    static void check(Kind kind, int largest, List<Piece> pieces) {
        var expected = expected(kind, largest, pieces);
        var got = new Reading(kind, largest).read(pieces);
        assertThat(got.tooLarge).as("too large").isEqualTo(expected.tooLarge);
        assertThat(Arrays.mismatch(got.published, expected.published))
                .as("first byte that differs, of %d", expected.published.length)
                .isEqualTo(-1);
        assertThat(got.bare.size()).as("bare messages").isEqualTo(expected.bare.size());
        for (int i = 0; i < got.bare.size(); i++) {
            // Without assertThat, since there may be 100,000 messages.
            if (!Arrays.equals(got.bare.get(i), expected.bare.get(i))) {
                throw new AssertionError("bare message " + i + " differs");
            }
        }
        assertThat(got.givenUp).as("given up").isEqualTo(expected.givenUp);
        assertThat(got.unfinished).as("unfinished").isEqualTo(expected.unfinished);
    }

    private static Outcome expected(Kind kind, int largest, List<Piece> pieces) {
        var all = new ByteArrayOutputStream();
        var giveUps = new ArrayList<Integer>();
        for (var piece : pieces) {
            all.writeBytes(piece.bytes);
            if (piece.giveUp) {
                giveUps.add(all.size());
            }
        }
        var stream = all.toByteArray();
        var text = latin(stream);
        var published = new ByteArrayOutputStream();
        var bare = new ArrayList<byte[]>();
        int givenUp = 0;
        int at = 0;
        while (at < stream.length) {
            int from = at;
            long end = kind.end(stream, text, from);
            long tellable = kind.header() == 0 ? from + 1L : from + kind.header();
            long tooLargeAt = tooLargeAt(kind, largest, from, end);
            if (isGivenUp(giveUps, tellable, Math.min(tooLargeAt, end))) {
                givenUp++;
                if (end >= stream.length) {
                    return new Outcome(published.toByteArray(), bare, false, givenUp, false);
                }
            } else if (tooLargeAt <= stream.length) {
                return new Outcome(published.toByteArray(), bare, true, givenUp, false);
            } else if (end > stream.length) {
                return new Outcome(published.toByteArray(), bare, false, givenUp, true);
            } else {
                published.write(stream, from, (int) end - from);
                bare.add(Arrays.copyOfRange(stream, from + kind.header(), (int) end - kind.delimiter.length));
            }
            at = (int) end;
        }
        return new Outcome(published.toByteArray(), bare, false, givenUp, false);
    }

    private static boolean isGivenUp(List<Integer> giveUps, long from, long to) {
        for (int at : giveUps) {
            if (at >= from && at < to) {
                return true;
            }
        }
        return false;
    }

    /** {@return the number of bytes of the stream after which the deframer must know that a message is too large} */
    private static long tooLargeAt(Kind kind, int largest, int from, long end) {
        if (kind.header() == 0) {
            long limit = from + (long) largest + kind.delimiter.length;
            return end > limit ? limit : Long.MAX_VALUE;
        }
        boolean isTooLarge = end != Long.MAX_VALUE && end - from - kind.header() > largest;
        return isTooLarge ? from + kind.header() : Long.MAX_VALUE;
    }

    /** Memory that reuses buffers, since allocating direct memory is slow, and overwrites a returned buffer. */
    private static final class PooledMemory implements Memory {
        private static final int SMALLEST = 4 * 1024;
        private static final Map<Integer, Deque<ByteBuffer>> SPARE = new HashMap<>();
        private static final byte[] RUBBISH = new byte[SMALLEST];

        static {
            Arrays.fill(RUBBISH, (byte) 0xEE);
        }

        private long held;

        private static Deque<ByteBuffer> spare(int capacity) {
            return SPARE.computeIfAbsent(capacity, _ -> new ArrayDeque<>());
        }

        @Override
        public ByteBuffer acquire(int bytes) {
            int capacity = SMALLEST;
            while (capacity < bytes) {
                capacity *= 2;
            }
            held += capacity;
            var buffer = spare(capacity).poll();
            return buffer == null ? ByteBuffer.allocateDirect(capacity) : buffer;
        }

        @Override
        public void release(ByteBuffer buffer) {
            held -= buffer.capacity();
            for (int at = 0; at < buffer.capacity(); at += SMALLEST) {
                buffer.put(at, RUBBISH); // so that a reader of the returned buffer is noticed
            }
            spare(buffer.capacity()).push(buffer);
        }
    }

    /** A sending member: a deframer, used as a transport uses it, and the messages that it publishes. */
    private static final class Reading {
        private final Kind kind;
        private final PooledMemory memory = new PooledMemory();
        private final Backlog backlog = new Backlog(memory);
        private final Batch batch = new Batch(Block.borrowed(READ));
        private final Deframer deframer;
        private final ByteArrayOutputStream published = new ByteArrayOutputStream();
        private final List<byte[]> bare = new ArrayList<>();

        Reading(Kind kind, int largest) {
            this.kind = kind;
            this.deframer = new Deframer(kind.framing, largest, memory, () -> {}, () -> 0);
        }

        Outcome read(List<Piece> pieces) {
            int givenUp = 0;
            for (var piece : pieces) {
                int start = deframer.gap() + 5; // not at position 0, where the block may have bytes of another sender
                READ.clear().put(start, piece.bytes);
                if (deframer.accept(batch, start, piece.bytes.length, this::publish) != Deframer.Result.TAKEN) {
                    return outcome(true, givenUp);
                }
                if (piece.giveUp && deframer.giveUp()) {
                    givenUp++;
                }
            }
            return outcome(false, givenUp);
        }

        private Outcome outcome(boolean tooLarge, int givenUp) {
            boolean unfinished = deframer.end() && !tooLarge;
            backlog.close();
            assertThat(memory.held).as("memory held at the end").isZero();
            return new Outcome(published.toByteArray(), bare, tooLarge, givenUp, unfinished);
        }

        private void publish(Batch batch) {
            byte[] stream = bytes(batch, 0);
            published.writeBytes(stream);
            var messages = batch.bare(kind.framing, Integer.MAX_VALUE);
            assertThat(messages.leftOut()).isZero();
            assertThat(batch.messages(kind.framing)).isEqualTo(messages.count());
            for (int i = 0; i < messages.count(); i++) {
                bare.add(bytes(messages, i));
            }
            // The way back, as for members that get datagrams: a message taken from a frame always fits into a frame
            // again.
            var framed = backlog.encode(messages, kind.framing, Integer.MAX_VALUE, new int[messages.count()]);
            assertThat(framed.leftOut()).isZero();
            var again = new ByteArrayOutputStream();
            for (int i = 0; i < framed.count(); i++) {
                again.writeBytes(bytes(framed, i));
            }
            framed.release();
            assertThat(Arrays.equals(again.toByteArray(), stream))
                    .as("the same in frames again")
                    .isTrue();
        }

        private static byte[] bytes(Batch batch, int i) {
            var bytes = new byte[batch.length(i)];
            batch.block().bytes().get(batch.offset(i), bytes);
            return bytes;
        }
    }
}
