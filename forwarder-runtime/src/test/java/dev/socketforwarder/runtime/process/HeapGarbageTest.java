package dev.socketforwarder.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapGarbageTest {
    private static final long MIB = 1 << 20;

    private long live = 30 * MIB;
    private long garbage;
    private int collections;
    private final HeapGarbage watch = new HeapGarbage(() -> live + garbage, this::collect);

    private void collect() {
        garbage = 0;
        collections++;
    }

    @Test
    void littleGarbageIsLeftAlone() {
        live = 6 * MIB;
        garbage = 9 * MIB;
        watch.look();
        assertThat(collections).isZero();
    }

    @Test
    void garbageStaysBoundedWhateverComes() {
        long most = 0;
        for (int i = 0; i < 1_000; i++) {
            garbage += MIB;
            watch.look();
            most = Math.max(most, garbage);
        }
        assertThat(most).isLessThan(16 * MIB + 2 * live);
        assertThat(collections).isBetween(1, 40);
    }

    @Test
    void objectsThatLiveCostFewCollections() {
        for (int i = 0; i < 1_000; i++) {
            live += MIB;
            watch.look();
        }
        assertThat(collections).isLessThan(10);
    }
}
