package dev.socketforwarder.runtime.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the bounds of the memory for queued bytes, and its return to the system. */
class QueueMemoryTest {
    private static final long MOST = 32 << 20;

    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private final QueueMemory memory = new QueueMemory(MOST, later::add);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4_095, 4_096, 4_097, 16_384, 65_536, 65_537, 262_144, 262_145, 1_052_673, 1 << 22})
    void aBufferIsDirectAndLargeEnoughAndCounted(int bytes) {
        var buffer = memory.acquire(bytes);

        assertThat(buffer.isDirect()).isTrue();
        assertThat(buffer.capacity()).isGreaterThanOrEqualTo(bytes);
        assertThat(memory.heldBytes()).isEqualTo(buffer.capacity());
        memory.release(buffer);
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void aBufferThatCameBackIsGivenOutAgain() {
        var buffer = memory.acquire(10_000);
        memory.release(buffer.position(1).limit(3));

        assertThat(memory.acquire(16_384)).isSameAs(buffer);
        assertThat(buffer.position()).isZero();
        assertThat(buffer.limit()).isEqualTo(buffer.capacity());
    }

    @Test
    void whatIsInUseAndSpareIsNeverMoreThanMayBeInUse() {
        var random = new Random(7);
        var held = new ArrayDeque<ByteBuffer>();
        long heldBytes = 0;
        for (int i = 0; i < 20_000; i++) {
            int wanted = QueueMemory.capacity(1 << random.nextInt(23));
            // The test keeps to the limit by releasing the oldest buffers.
            while (heldBytes + wanted > MOST) {
                var oldest = held.removeFirst();
                heldBytes -= oldest.capacity();
                memory.release(oldest);
            }
            held.add(memory.acquire(wanted));
            heldBytes += wanted;
            assertThat(memory.heldBytes()).isEqualTo(heldBytes);
            assertThat(memory.heldBytes() + memory.spareBytes()).isLessThanOrEqualTo(MOST);
        }
    }

    @Test
    void whatNobodyUsesForAWhileGoesBack() {
        release(acquire(100));
        assertThat(memory.spareBytes()).isEqualTo(100L * 65_536);

        aWhilePasses(); // they may have been used until just now
        var used = acquire(40);
        release(used);
        aWhilePasses();
        assertThat(memory.spareBytes()).isEqualTo(40L * 65_536);

        aWhilePasses();
        assertThat(memory.spareBytes()).isZero();
        assertThat(later).as("nothing is looked for where nothing is spare").isEmpty();
    }

    @Test
    void whatExceedsALowerLimitGoesBackAtOnce() {
        var used = acquire(40);
        release(acquire(40));
        memory.resize(50L * 65_536);
        assertThat(memory.spareBytes()).isEqualTo(10L * 65_536);

        memory.resize(20L * 65_536);
        assertThat(memory.spareBytes()).isZero();
        release(used);
        assertThat(memory.spareBytes()).isEqualTo(20L * 65_536);
    }

    @Test
    void aBufferThatWasDiscardedAndGivenOutAgainIsWhole() {
        for (int capacity : new int[] {4_096, 1_052_672, 3_000_000, 1_052_673, 5_000_000}) {
            var buffers = List.of(memory.acquire(capacity), memory.acquire(capacity));
            buffers.forEach(memory::release);
            aWhilePasses();
            aWhilePasses();
            assertThat(memory.spareBytes()).isZero();
            var one = memory.acquire(capacity);
            var other = memory.acquire(capacity);
            for (int i = 0; i < capacity; i++) {
                one.put(i, (byte) 1);
            }
            for (int i = 0; i < capacity; i++) {
                other.put(i, (byte) 2);
            }
            assertThat(one.get(0)).isEqualTo((byte) 1);
            assertThat(one.get(capacity - 1)).isEqualTo((byte) 1);
            memory.release(one);
            memory.release(other);
        }
    }

    private List<ByteBuffer> acquire(int count) {
        return IntStream.range(0, count).mapToObj(_ -> memory.acquire(65_536)).toList();
    }

    private void release(List<ByteBuffer> buffers) {
        buffers.forEach(memory::release);
    }

    private void aWhilePasses() {
        int due = later.size();
        for (int i = 0; i < due; i++) {
            later.poll().run();
        }
    }

    @Test
    void noTwoHoldersGetTheSameBuffer() throws Exception {
        var running = new ArrayList<Future<?>>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int t = 1; t <= 4; t++) {
                byte mark = (byte) t;
                running.add(threads.submit(() -> markBuffers(mark)));
            }
            for (var thread : running) {
                thread.get(20, TimeUnit.SECONDS);
            }
        }
        assertThat(memory.heldBytes()).isZero();
    }

    private void markBuffers(byte mark) {
        var random = new Random(mark);
        for (int i = 0; i < 20_000; i++) {
            var buffer = memory.acquire(random.nextInt(70_000));
            buffer.put(0, mark);
            Thread.onSpinWait();
            assertThat(buffer.get(0)).isEqualTo(mark);
            memory.release(buffer);
        }
    }
}
