package dev.socketforwarder.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueMemoryTest {
    private final QueueMemory memory = new QueueMemory();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4_095, 4_096, 4_097, 16_384, 65_536, 65_537, 262_144, 262_145, 1 << 22})
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
        memory.release(buffer);

        assertThat(memory.acquire(16_384)).isSameAs(buffer);
    }

    @Test
    void onlyAFewAreKeptForLater() {
        var out = new ArrayList<ByteBuffer>();
        for (int i = 0; i < 100; i++) {
            out.add(memory.acquire(262_144));
        }
        out.forEach(memory::release);
        int again = 0;
        for (int i = 0; i < 100; i++) {
            var buffer = memory.acquire(262_144);
            again += out.stream().anyMatch(old -> old == buffer) ? 1 : 0;
        }

        assertThat(again).isEqualTo(64); // 16 MiB
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
