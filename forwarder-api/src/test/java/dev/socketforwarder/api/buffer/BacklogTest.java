package dev.socketforwarder.api.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private final CheckedMemory memory = new CheckedMemory();
    private final Backlog backlog = new Backlog(memory);
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 20);
    private final Batch batch = new Batch(Block.borrowed(bytes));

    @Test
    void aBlockIsDirectMemory() {
        assertThatIllegalArgumentException().isThrownBy(() -> Block.borrowed(ByteBuffer.allocate(1)));
    }

    @Test
    void aKeptBatchHasTheSameMessages() {
        for (int i = 0; i < 100; i++) {
            bytes.put(i, (byte) i);
        }
        var kept = backlog.keep(batch.clear().add(90, 10).add(0, 0).add(5, 20));
        bytes.put(90, (byte) 0);

        assertThat(kept.count()).isEqualTo(3);
        assertThat(kept.bytes()).isEqualTo(30);
        assertThat(kept.length(0)).isEqualTo(10);
        assertThat(kept.block().bytes().get(kept.offset(0))).isEqualTo((byte) 90);
        assertThat(kept.length(1)).isZero();
        assertThat(kept.block().bytes().get(kept.offset(2) + 19)).isEqualTo((byte) 24);
    }

    @Test
    void aBatchLargerThanAnyBlockIsKeptWhole() {
        var kept = backlog.keep(batch.clear().add(0, 1 << 20));

        assertThat(kept.block().bytes().capacity()).isGreaterThanOrEqualTo(1 << 20);
    }

    /** An encoding that makes messages short, and might make them long. */
    private static final Encoding SHORT = new Encoding() {
        @Override
        public long maxBytes(int length) {
            return length + 10L;
        }

        @Override
        public boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into) {
            into.put(message.limit(message.position() + 10));
            return true;
        }
    };

    @Test
    void whatIsEncodedHoldsNoMoreMemoryThanItNeeds() {
        for (int i = 0; i < 100; i++) {
            bytes.put(i, (byte) i);
        }
        var ends = new int[1];
        var bare = new Batch(batch.block(), Batch.Form.MESSAGES).add(7, (1 << 20) - 7);

        var kept = backlog.encode(bare, SHORT, 1 << 20, ends);
        assertThat(memory.heldBytes()).isLessThan(100_000);
        assertThat(kept.length(0)).isEqualTo(10);
        assertThat(kept.block().bytes().get(kept.offset(0) + 9)).isEqualTo((byte) 16);
        assertThat(ends[0]).isEqualTo(kept.offset(0) + 10);
        var second = backlog.keep(batch.clear().add(0, 20));
        assertThat(second.block()).isSameAs(kept.block());
        assertThat(second.offset(0)).isEqualTo(10);
        kept.release();
        second.release();
        backlog.close();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void anEmptyBatchIsKept() {
        assertThat(backlog.keep(batch.clear()).count()).isZero();
    }

    @Test
    void memoryComesBackWithTheLastOfAllShares() {
        var kept = backlog.keep(batch.clear().add(0, 100));
        var one = kept.share();
        var other = kept.share();
        kept.release();
        backlog.close();
        one.release();
        assertThat(memory.heldBytes()).isPositive();
        other.release();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void oneSmallBlockServesManyBatchesThatAreReadAtOnce() {
        for (int i = 0; i < 1_000; i++) {
            backlog.keep(batch.clear().add(0, 3_000)).release();
        }

        assertThat(memory.acquired()).isEqualTo(1);
        backlog.trim();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void trimLeavesABlockThatIsStillRead() {
        var kept = backlog.keep(batch.clear().add(0, 100));
        backlog.trim();
        assertThat(memory.heldBytes()).isPositive();
        kept.release();
        backlog.trim();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void ownersThatReadAtTheSameTimeSeeEachBatchWholeAndLeaveNothingBehind() throws Exception {
        long seed = System.nanoTime();
        System.out.println("BacklogTest seed " + seed);
        var random = new Random(seed);
        try (var owners = Executors.newFixedThreadPool(3)) {
            var sums = new ArrayList<Future<?>>();
            for (int turn = 0; turn < 5_000; turn++) {
                batch.clear();
                int at = 0;
                for (int i = random.nextInt(4); i >= 0; i--) {
                    int length = random.nextInt(2_000);
                    byte fill = (byte) turn;
                    for (int b = at; b < at + length; b++) {
                        bytes.put(b, fill);
                    }
                    batch.add(at, length);
                    at += length;
                }
                var kept = backlog.keep(batch);
                for (int owner = 0; owner < 3; owner++) {
                    sums.add(owners.submit(reader(kept.share(), (byte) turn)));
                }
                kept.release();
                if (random.nextInt(3) == 0) {
                    backlog.trim();
                }
            }
            for (var sum : sums) {
                sum.get(10, TimeUnit.SECONDS);
            }
        }
        backlog.close();
        assertThat(memory.heldBytes()).isZero();
    }

    private static Callable<Void> reader(Batch mine, byte fill) {
        return () -> {
            for (int i = 0; i < mine.count(); i++) {
                for (int b = 0; b < mine.length(i); b++) {
                    if (mine.block().bytes().get(mine.offset(i) + b) != fill) {
                        throw new AssertionError("a byte of another batch");
                    }
                }
            }
            mine.release();
            return null;
        };
    }
}
