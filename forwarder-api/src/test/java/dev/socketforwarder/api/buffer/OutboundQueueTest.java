package dev.socketforwarder.api.buffer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutboundQueueTest {
    private static final FlowLimits LIMITS = new FlowLimits(10_000, 4_000, 1_000, Duration.ofSeconds(5));
    private static final int BLOCK_BYTES = 64 * 1024;

    private final CheckedMemory memory = new CheckedMemory();
    private final Backlog backlog = new Backlog(memory);
    private final Block block = Block.borrowed(ByteBuffer.allocateDirect(BLOCK_BYTES));
    private final Batch batch = new Batch(block);
    private final List<String> told = new ArrayList<>();
    private final FakeChannel channel = new FakeChannel();
    // Close to the overflow, since only differences of times may count.
    private long nowNs = Long.MAX_VALUE - 1_000_000_000;
    private final OutboundQueue queue = queue();

    private OutboundQueue queue() {
        var listener = new OutboundQueue.Listener() {
            @Override
            public void full() {
                told.add("full");
            }

            @Override
            public void drained() {
                told.add("drained");
            }

            @Override
            public void overflowed() {
                told.add("overflowed");
            }

            @Override
            public void emptied() {}
        };
        return new OutboundQueue(LIMITS, backlog, listener, () -> nowNs);
    }

    /** Run one turn: publish bytes, and write as many as the channel takes. */
    private void turn(int bytes, long room) throws IOException {
        queue.add(batch.clear().add(0, bytes));
        flush(room);
    }

    private void flush(long room) throws IOException {
        channel.room = room;
        queue.writeTo(channel);
        block.recycle();
    }

    private void pass(Duration time) {
        nowNs += time.toNanos();
    }

    @Test
    void whatIsTakenAtOnceIsNeverCopied() throws IOException {
        turn(BLOCK_BYTES, Long.MAX_VALUE);

        assertThat(memory.acquired()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void manyLaggingMembersShareOneCopy() {
        var queues = IntStream.range(0, 100).mapToObj(_ -> queue()).toList();
        for (int i = 0; i < 10; i++) {
            batch.clear().add(0, 30_000).add(30_000, 20_000);
            queues.forEach(each -> each.add(batch));
            queues.forEach(OutboundQueue::hold);
            block.recycle();
        }

        assertThat(queues).allMatch(each -> each.pendingBytes() == 500_000);
        assertThat(memory.heldBytes()).isBetween(500_000L, 1_000_000L);

        queues.forEach(OutboundQueue::clear);
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void aMemberThatSendsNearlyEverythingHoldsLittleForTheLittleItIsGiven() throws IOException {
        // This member never reads. In each turn, it sends a full block, and another member sends one byte.
        for (int i = 0; i < 1_000; i++) {
            batch.clear().add(0, BLOCK_BYTES - 1);
            queue.add(batch.clear().add(BLOCK_BYTES - 1, 1));
            flush(0);
        }

        assertThat(queue.pendingBytes()).isEqualTo(1_000);
        assertThat(memory.heldBytes()).isLessThan(BLOCK_BYTES);

        queue.clear();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void tinyRangesBetweenTheMembersOwnCountForMoreThanTheirBytes() throws IOException {
        // This member's bytes and another member's bytes alternate, so that no two ranges of the queue are adjacent.
        int turns = 0;
        while (!queue.isFull() && turns < 10_000) {
            batch.clear().add(0, 1);
            queue.add(batch.clear().add(1, 1));
            flush(0);
            turns++;
        }

        assertThat(turns).as("bookkeeping alone would be far above the mark").isLessThan(1_000);
        assertThat(queue.pendingBytes()).isEqualTo(turns);
    }

    @Test
    void rangesThatFollowEachOtherInTheCopyAreOne() throws IOException {
        for (int i = 0; i < 9_000; i++) {
            turn(1, 0);
        }
        assertThat(queue.isFull()).isFalse(); // 9,000 separate ranges would be far above the high-water mark

        flush(Long.MAX_VALUE);

        assertThat(channel.taken.size()).isEqualTo(9_000);
        assertThat(channel.mostGathered).isLessThan(5);
    }

    @Test
    void batchesOfAnotherOwnerThatFollowEachOtherAreOneRangeToo() throws IOException {
        var elsewhere = new Backlog(memory);
        for (int i = 0; i < 9_000; i++) {
            var kept = elsewhere.keep(batch.clear().add(0, 1));
            var mine = kept.share();
            kept.release();
            queue.add(mine);
            mine.release();
            flush(0);
        }
        assertThat(queue.isFull()).isFalse();

        flush(Long.MAX_VALUE);
        elsewhere.close();

        assertThat(channel.taken.size()).isEqualTo(9_000);
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void borrowedBytesBehindWhichKeptOnesWereQueuedAreCopiedToo() throws IOException {
        block.bytes().put(0, (byte) 'b');
        queue.add(batch.clear().add(0, 1));
        var other = ByteBuffer.allocateDirect(1).put(0, (byte) 'k');
        var kept = backlog.keep(new Batch(Block.borrowed(other)).add(0, 1));
        queue.add(kept);
        kept.release();
        flush(0);

        block.bytes().put(0, (byte) 'x');
        flush(Long.MAX_VALUE);

        assertThat(channel.taken.toString()).isEqualTo("bk");
    }

    @Test
    void eachCrossingOfAMarkIsToldOnce() throws IOException {
        turn(10_000, 0);
        assertThat(told).isEmpty();
        turn(1, 0);
        assertThat(told).containsExactly("full");
        turn(20_000, 0);
        flush(26_000);
        assertThat(told).containsExactly("full");
        assertThat(queue.isFull()).isTrue();
        flush(2);
        assertThat(told).containsExactly("full", "drained");
        assertThat(queue.isFull()).isFalse();
        flush(Long.MAX_VALUE);
        turn(10_000, 0);
        assertThat(told).containsExactly("full", "drained");
        turn(1_000, 0);
        assertThat(told).containsExactly("full", "drained", "full");
    }

    @Test
    void whatPassesTheMarkAndIsTakenInTheSameTurnIsNotTold() throws IOException {
        turn(50_000, Long.MAX_VALUE);

        assertThat(told).isEmpty();
    }

    @Test
    void aQueueIsToldFullWithoutAWriteToo() {
        queue.add(batch.clear().add(0, 20_000));
        queue.hold();

        assertThat(told).containsExactly("full");
    }

    @Test
    void clearTellsThatAFullOneHasRoomAndReturnsWhatItDropped() throws IOException {
        turn(20_000, 0);

        assertThat(queue.clear()).isEqualTo(20_000);
        assertThat(told).containsExactly("full", "drained");
        assertThat(queue.clear()).isZero();
        assertThat(queue.stalledNs()).isZero();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void clearInTheMiddleOfATurnForgetsBorrowedBytes() throws IOException {
        queue.add(batch.clear().add(0, 100));

        assertThat(queue.clear()).isEqualTo(100);
        turn(200, 0);
        assertThat(queue.pendingBytes()).isEqualTo(200);
    }

    @Test
    void aMemberThatTakesNothingStallsAfterTheTimeout() throws IOException {
        assertThat(queue.stalledNs()).isZero();
        turn(5_000, 0);
        pass(Duration.ofMillis(4_999));
        assertThat(queue.isStalled()).isFalse();
        assertThat(queue.stalledNs()).isEqualTo(4_999_000_000L);
        pass(Duration.ofMillis(1));
        assertThat(queue.isStalled()).isTrue();
    }

    @Test
    void oneThatTakesALittleLessThanTheLeastStallsToo() throws IOException {
        turn(5_000, 0);
        for (int i = 0; i < 5; i++) {
            pass(Duration.ofSeconds(1));
            flush(i == 0 ? 999 : 0);
        }
        assertThat(queue.isStalled()).isTrue();
    }

    @Test
    void takingTheLeastBeginsAnotherWindow() throws IOException {
        turn(5_000, 0);
        pass(Duration.ofSeconds(4));
        flush(500);
        flush(500);
        assertThat(queue.stalledNs()).isZero();
        pass(Duration.ofSeconds(4));
        assertThat(queue.isStalled()).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(queue.isStalled()).isTrue();
    }

    @Test
    void howLongOneHasLaggedAndBeenFullGoesOnWhileItTakesBytes() throws IOException {
        turn(20_000, 0);
        pass(Duration.ofSeconds(4));
        flush(5_000);
        assertThat(queue.stalledNs()).isZero();
        assertThat(queue.laggingNs()).isEqualTo(4_000_000_000L);
        assertThat(queue.fullNs()).isEqualTo(4_000_000_000L);
        flush(14_999);
        assertThat(queue.laggingNs()).isEqualTo(4_000_000_000L);
        assertThat(queue.fullNs()).isZero();
        flush(1);
        assertThat(queue.laggingNs()).isZero();
    }

    @Test
    void whatThePeerAcknowledgedCountsAsTaken() throws IOException {
        turn(5_000, 0);
        pass(Duration.ofSeconds(4));
        queue.acknowledged(400);
        assertThat(queue.drainedBytes()).isEqualTo(400);
        queue.acknowledged(600);
        assertThat(queue.stalledNs()).isZero();
        assertThat(queue.drainedBytes()).isZero();
        pass(Duration.ofSeconds(4));
        queue.acknowledged(999);
        assertThat(queue.isStalled()).isFalse();
        pass(Duration.ofSeconds(1));
        assertThat(queue.isStalled()).isTrue();
        assertThat(queue.isLagging()).isTrue();
    }

    @Test
    void whatIsAcknowledgedWhileNothingWaitsCountsForNothing() throws IOException {
        queue.acknowledged(5_000);
        turn(500, 0);
        assertThat(queue.drainedBytes()).isZero();
        flush(Long.MAX_VALUE);
        assertThat(queue.isLagging()).isFalse();
    }

    @Test
    void oneThatHasTakenEverythingIsNotStalled() throws IOException {
        turn(500, 0);
        pass(Duration.ofSeconds(4));
        flush(Long.MAX_VALUE);
        assertThat(queue.stalledNs()).isZero();
        pass(Duration.ofSeconds(100));
        turn(500, 0);
        assertThat(queue.isStalled()).isFalse();
    }

    @Test
    void emptyMessagesAreNothingToSend() throws IOException {
        queue.add(batch.clear().add(0, 0).add(17, 0));
        assertThat(queue.isEmpty()).isTrue();
        flush(0);
        assertThat(queue.stalledNs()).isZero();
    }

    @Test
    void aFailedChannelLeavesNothingBehindAfterClear() throws IOException {
        turn(9_000, 4_000);
        channel.broken = true;
        queue.add(batch.clear().add(0, 50));

        assertThatThrownBy(() -> queue.writeTo(channel)).isInstanceOf(IOException.class);
        assertThat(queue.clear()).isEqualTo(5_050);
        block.recycle();

        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void anIdleQueueHasNoArraysOfItsOwn() {
        queue(); // load the classes first
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var made = new OutboundQueue[1_000];
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < made.length; i++) {
            made[i] = new OutboundQueue(LIMITS, backlog, null, null);
        }
        long each = (threads.getCurrentThreadAllocatedBytes() - before) / made.length;

        assertThat(each).isLessThan(160);
    }

    @Test
    void whereNoMemoryIsLeftWhatWasQueuedGoesOutAndNothingFollowsTheGap() throws IOException {
        block.bytes().put(0, "first, second, third".getBytes(US_ASCII));
        queue.add(batch.clear().add(0, 5));
        flush(0);
        memory.exhausted = true;
        // The first block still has room for this message.
        block.bytes().put(0, new byte[BLOCK_BYTES]);
        queue.add(batch.clear().add(0, 4_000).add(5_000, BLOCK_BYTES - 5_000));
        flush(0);
        assertThat(told).contains("overflowed");
        memory.exhausted = false;

        queue.add(batch.clear().add(0, 100));
        flush(Long.MAX_VALUE);
        assertThat(channel.taken.toString(US_ASCII)).isEqualTo("first");
        assertThat(queue.isEmpty()).isFalse(); // bytes were lost, so the member must still be closed
        assertThat(told).filteredOn("overflowed"::equals).hasSize(1);
        assertThat(queue.clear()).isEqualTo(4_000 + BLOCK_BYTES - 5_000);
        assertThat(queue.isEmpty()).isTrue();
        backlog.close();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void whatIsKeptForTheNextTurnMakesNobodyFullOrLagging() throws IOException {
        queue.add(batch.clear().add(0, 20_000));
        queue.keep();
        block.recycle();

        assertThat(told).isEmpty();
        assertThat(queue.stalledNs()).isZero();
        assertThat(queue.pendingBytes()).isEqualTo(20_000);
        flush(Long.MAX_VALUE);
        assertThat(channel.taken.size()).isEqualTo(20_000);
        assertThat(told).isEmpty();
        assertThat(memory.heldBytes()).isZero();
    }
}
