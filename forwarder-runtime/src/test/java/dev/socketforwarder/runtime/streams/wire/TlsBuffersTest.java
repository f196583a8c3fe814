package dev.socketforwarder.runtime.streams.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsBuffersTest {
    private final List<String> evicted = new ArrayList<>();

    private static ByteBuffer bytes(int n) {
        return ByteBuffer.allocate(n);
    }

    @Test
    void aHeaderTakesNoBufferOfAWholeRecord() throws IOException {
        var buffers = new TlsBuffers(1 << 20);
        var held = buffers.hold(bytes(6), 0, () -> {});
        assertThat(held.bytes().remaining()).isEqualTo(6);
        assertThat(buffers.used()).isEqualTo(256);
        buffers.keep(held, bytes(300), 0);
        assertThat(buffers.used()).isEqualTo(512);
        buffers.keep(held, bytes(TlsBuffers.RECORD), 0);
        assertThat(buffers.used()).isEqualTo(32_768);
        buffers.release(held);
        assertThat(buffers.used()).isZero();
    }

    @Test
    void whatIsHeldForLongestMakesRoomThoughItGrew() throws IOException {
        var buffers = new TlsBuffers(1_024);
        var first = buffers.hold(bytes(100), 0, () -> evicted.add("first"));
        var second = buffers.hold(bytes(100), 0, () -> evicted.add("second"));
        buffers.keep(first, bytes(500), 0);
        buffers.hold(bytes(256), 0, () -> evicted.add("third"));
        assertThat(evicted).isEmpty();
        buffers.hold(bytes(1), 0, () -> evicted.add("fourth"));
        assertThat(evicted).containsExactly("first");
        assertThatThrownBy(() -> buffers.keep(first, bytes(1), 0)).isInstanceOf(TlsBuffers.Exhausted.class);
        buffers.release(first);
        buffers.release(second);
        assertThat(buffers.used()).isEqualTo(512);
    }

    @Test
    void whatAnEngineHoldsCounts() throws IOException {
        var buffers = new TlsBuffers(1_000);
        var held = buffers.hold(bytes(0), 900, () -> evicted.add("a"));
        assertThat(buffers.used()).isEqualTo(900);
        buffers.hold(bytes(1), 0, () -> {});
        assertThat(evicted).containsExactly("a");
        buffers.release(held);
        assertThat(buffers.used()).isEqualTo(256);
    }
}
