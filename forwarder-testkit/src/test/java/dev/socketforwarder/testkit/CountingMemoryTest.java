package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CountingMemoryTest {
    private final CountingMemory memory = new CountingMemory();

    @ParameterizedTest
    @CsvSource({"0, 100", "0, 0", "7, 10", "100, 100"})
    void aBufferComesBackInAnyPositionAndLimitAndIsSpoilt(int position, int limit) {
        var buffer = memory.acquire(100);
        var kept = buffer.duplicate();
        assertThat(memory.held()).isEqualTo(buffer.capacity()).isGreaterThanOrEqualTo(100);

        memory.release(buffer.limit(limit).position(position));

        assertThat(memory.held()).isZero();
        while (kept.hasRemaining()) {
            assertThat(kept.get()).isEqualTo((byte) 0xDD);
        }
    }
}
