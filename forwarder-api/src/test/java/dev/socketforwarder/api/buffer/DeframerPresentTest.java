package dev.socketforwarder.api.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.buffer.Deframer.Result;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a reader of its own format sees each byte in order, in whatever pieces the bytes come. */
class DeframerPresentTest {
    private static final int BLOCK = 256 * 1024;
    private static final int MOST = 300_000;

    private final Memory memory = new Memory() {
        @Override
        public ByteBuffer acquire(int bytes) {
            held += bytes;
            return ByteBuffer.allocateDirect(bytes);
        }

        @Override
        public void release(ByteBuffer buffer) {
            held -= buffer.capacity();
        }
    };

    private long held;
    private int unfinished;
    private final ByteBuffer read = ByteBuffer.allocateDirect(BLOCK);
    private final Block block = Block.borrowed(read);
    private final Deframer deframer = new Deframer(Framing.RAW, MOST, memory, () -> unfinished++, () -> 1);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    /** Take frames of four bytes of length and as many bytes, and change what is taken. */
    private void take(ByteBuffer bytes) {
        while (bytes.remaining() >= 4 && bytes.remaining() - 4 >= bytes.getInt(bytes.position())) {
            var frame = new byte[4 + bytes.getInt(bytes.position())];
            int at = bytes.position();
            bytes.get(frame);
            taken.writeBytes(frame);
            for (int i = 0; i < frame.length; i++) {
                bytes.put(at + i, (byte) -1);
            }
        }
    }

    private Result present(byte[] bytes, int from, int length) {
        int start = deframer.gap();
        read.put(start, bytes, from, length);
        return deframer.present(block, start, length, MOST, this::take);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000, 60_000})
    void everyByteIsTakenOnceInOrder(int largestPiece) {
        long seed = System.nanoTime();
        System.out.println("DeframerPresentTest seed " + seed);
        var random = new Random(seed);
        var sent = new ByteArrayOutputStream();
        for (int i = 0; i < 60; i++) {
            var frame =
                    new byte[random.nextInt(4) == 0 && largestPiece > 7 ? random.nextInt(200_000) : random.nextInt(50)];
            random.nextBytes(frame);
            sent.writeBytes(ByteBuffer.allocate(4).putInt(frame.length).array());
            sent.writeBytes(frame);
        }
        var all = sent.toByteArray();
        for (int at = 0; at < all.length; ) {
            int length = Math.min(all.length - at, 1 + random.nextInt(largestPiece));
            assertThat(present(all, at, length)).isEqualTo(Result.TAKEN);
            at += length;
        }
        assertThat(taken.toByteArray()).isEqualTo(all);
        assertThat(deframer.unfinishedNs()).isZero();
        assertThat(deframer.end()).isFalse();
        assertThat(held).isZero();
    }

    @Test
    @Timeout(10)
    void aSmallPieceOfALargeMessageIsCheap() {
        int large = 1 << 20;
        var roomy = new Deframer(Framing.RAW, large, memory, () -> unfinished++, () -> 1);
        for (int i = 0; i < large; i++) {
            int start = roomy.gap();
            assertThat(roomy.present(block, start, 1, large, _ -> {})).isEqualTo(Result.TAKEN);
        }
        assertThat(roomy.unfinishedBytes()).isGreaterThanOrEqualTo(large);
        roomy.end();
        assertThat(held).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 100_000})
    void aSenderMayEndWhileItsReaderReads(int first) {
        var bytes = ByteBuffer.allocate(200_000).putInt(200_000).array();
        present(bytes, 0, first);
        assertThat(held).isPositive();
        int start = deframer.gap();
        read.put(start, bytes, 0, 6);
        assertThat(deframer.present(block, start, 6, MOST, unread -> {
                    unread.position(unread.position() + 5);
                    assertThat(deframer.end()).isTrue();
                    assertThat(unread.remaining()).isEqualTo(first + 1);
                }))
                .isEqualTo(Result.TAKEN);
        assertThat(deframer.unfinishedBytes()).isZero();
        assertThat(held).isZero();
    }

    @Test
    void whatIsLeftIsBoundedAndTold() {
        var frame = ByteBuffer.allocate(MOST + 8).putInt(MOST + 4).array();
        for (int at = 0; at < MOST; at += 50_000) {
            assertThat(present(frame, at, 50_000)).isEqualTo(Result.TAKEN);
        }
        assertThat(unfinished).isEqualTo(1);
        assertThat(deframer.unfinishedBytes()).isGreaterThanOrEqualTo(MOST);
        assertThat(present(frame, MOST, 1)).isEqualTo(Result.TOO_LARGE);
        assertThat(deframer.end()).isTrue();
        assertThat(held).isZero();
    }
}
