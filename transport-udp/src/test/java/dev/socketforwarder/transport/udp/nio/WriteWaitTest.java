package dev.socketforwarder.transport.udp.nio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the bounded wait for room in a send buffer. */
@Timeout(60)
class WriteWaitTest {

    @Test
    void theWaitForAFullBufferIsBoundedForTheWholeTurn() throws IOException {
        var pipe = Pipe.open();
        var writeWait = new WriteWait();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            sink.configureBlocking(false);
            assertThat(writeWait.await(sink)).isTrue();
            while (sink.write(ByteBuffer.allocate(4096)) > 0) {}
            assertThat(writeWait.await(sink)).isFalse();
            long startNs = System.nanoTime();
            assertThat(writeWait.await(sink)).isFalse();
            assertThat(System.nanoTime() - startNs).isLessThan(10_000_000);

            writeWait.newTurn();
            source.read(ByteBuffer.allocate(65_536));
            assertThat(writeWait.await(sink)).isTrue();
        } finally {
            writeWait.close();
        }
    }
}
