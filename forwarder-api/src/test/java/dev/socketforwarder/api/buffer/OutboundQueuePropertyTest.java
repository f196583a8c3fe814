package dev.socketforwarder.api.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests with random members, senders, blocks and channels: each member gets exactly its bytes, and all memory is returned. */
class OutboundQueuePropertyTest {
    private static final int TURNS = 200;
    private static final int BLOCK_BYTES = 8 * 1024;

    static List<Arguments> seeds() {
        var fresh = new Random();
        var seeds = new ArrayList<Arguments>();
        for (long fixed = 1; fixed <= 30; fixed++) {
            seeds.add(Arguments.of(fixed));
        }
        for (int i = 0; i < 10; i++) {
            seeds.add(Arguments.of(fresh.nextLong()));
        }
        return seeds;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyMemberGetsExactlyWhatWasAdded(long seed) throws IOException {
        new Simulation(new Random(seed)).run();
    }

    private static final class Simulation {
        private final Random random;
        private final CheckedMemory memory = new CheckedMemory();
        private final Backlog backlog = new Backlog(memory);
        private final Backlog elsewhere = new Backlog(memory);
        private final ByteBuffer read = ByteBuffer.allocateDirect(BLOCK_BYTES);
        private final Block block = Block.borrowed(read);
        private final Batch batch = new Batch(block);
        private final List<TestMember> members = new ArrayList<>();
        private int filled;

        Simulation(Random random) {
            this.random = random;
            int n = 1 + random.nextInt(6);
            for (int i = 0; i < n; i++) {
                members.add(new TestMember(backlog));
            }
        }

        void run() throws IOException {
            for (int turn = 0; turn < TURNS; turn++) {
                filled = 0;
                int batches = random.nextInt(5);
                for (int i = 0; i < batches; i++) {
                    if (random.nextInt(4) == 0) {
                        handedOver();
                    } else {
                        published();
                    }
                }
                flushAll();
                block.recycle();
                spoil();
            }
            for (var member : members) {
                member.channel.room = Long.MAX_VALUE;
                member.flush();
                member.verify();
            }
            backlog.close();
            elsewhere.close();
            assertThat(memory.heldBytes()).isZero();
        }

        /** Publishes messages of one member to all other members. */
        private void published() {
            var sender = members.get(random.nextInt(members.size()));
            batch.clear();
            int messages = 1 + random.nextInt(3);
            for (int i = 0; i < messages && filled < BLOCK_BYTES; i++) {
                int most = random.nextBoolean() ? 20 : BLOCK_BYTES - filled;
                int length = random.nextInt(Math.min(most, BLOCK_BYTES - filled) + 1);
                fill(read, filled, length);
                batch.add(filled, length);
                filled += length;
            }
            // A transport may move position and limit of its buffer at any time.
            read.clear().position(random.nextInt(BLOCK_BYTES)).limit(random.nextInt(BLOCK_BYTES));
            for (var member : members) {
                if (member != sender) {
                    member.deliver(batch);
                }
            }
        }

        /** Delivers a batch from another owner to all members. */
        private void handedOver() {
            var bytes = ByteBuffer.allocateDirect(2_000);
            var theirs = new Batch(Block.borrowed(bytes));
            int at = 0;
            for (int i = random.nextInt(4); i >= 0; i--) {
                int length = random.nextInt(500);
                fill(bytes, at, length);
                theirs.add(at, length);
                at += length;
            }
            var kept = elsewhere.keep(theirs);
            var mine = kept.share();
            kept.release();
            members.forEach(member -> member.deliver(mine));
            mine.release();
        }

        private void flushAll() throws IOException {
            for (var member : members) {
                if (member.gone) {
                    continue;
                }
                switch (random.nextInt(6)) {
                    case 0 -> member.queue.hold();
                    case 1 -> member.flushWithRoom(0);
                    case 2, 3 -> member.flushWithRoom(random.nextInt(3_000));
                    case 4 -> member.flushWithRoom(random.nextInt(3 * BLOCK_BYTES));
                    default -> member.flushWithRoom(Long.MAX_VALUE);
                }
                if (random.nextInt(300) == 0) {
                    member.breakOff();
                }
            }
        }

        private void fill(ByteBuffer bytes, int start, int length) {
            for (int i = start; i < start + length; i++) {
                bytes.clear().put(i, (byte) random.nextInt());
            }
        }

        private void spoil() {
            for (int i = 0; i < BLOCK_BYTES; i++) {
                read.clear().put(i, (byte) 0xAA);
            }
        }
    }

    private static final class TestMember implements OutboundQueue.Listener {
        private static final FlowLimits LIMITS = new FlowLimits(20_000, 5_000, 1_000, Duration.ofSeconds(5));

        final FakeChannel channel = new FakeChannel();
        final ByteArrayOutputStream expected = new ByteArrayOutputStream();
        final OutboundQueue queue;
        boolean gone;
        private boolean full;

        TestMember(Backlog backlog) {
            queue = new OutboundQueue(LIMITS, backlog, this, () -> 0);
        }

        void deliver(Batch batch) {
            if (gone) {
                return;
            }
            for (int i = 0; i < batch.count(); i++) {
                for (int at = batch.offset(i); at < batch.offset(i) + batch.length(i); at++) {
                    expected.write(batch.block().bytes().get(at));
                }
            }
            queue.add(batch);
        }

        void flushWithRoom(long room) throws IOException {
            channel.room = room;
            flush();
        }

        void flush() throws IOException {
            if (gone) {
                return;
            }
            int before = channel.taken.size();
            long written = queue.writeTo(channel);
            assertThat(written).isEqualTo(channel.taken.size() - before);
            assertThat(queue.pendingBytes()).isEqualTo(expected.size() - channel.taken.size());
            assertThat(queue.isEmpty()).isEqualTo(queue.pendingBytes() == 0);
        }

        void breakOff() {
            channel.broken = true;
            try {
                queue.writeTo(channel);
            } catch (IOException _) {
                // Write as the test asks; an empty queue writes nothing.
            }
            queue.clear();
            gone = true;
            assertThat(queue.pendingBytes()).isZero();
            assertThat(full).isFalse();
        }

        void verify() {
            if (!gone) {
                int wrongAt = Arrays.mismatch(channel.taken.toByteArray(), expected.toByteArray());
                assertThat(wrongAt).as("first wrong byte").isEqualTo(-1);
                assertThat(full).isFalse();
            }
        }

        @Override
        public void overflowed() {}

        @Override
        public void emptied() {}

        @Override
        public void full() {
            assertThat(full).isFalse();
            full = true;
        }

        @Override
        public void drained() {
            assertThat(full).isTrue();
            full = false;
        }
    }
}
