package dev.socketforwarder.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LimitTest {
    private static final Duration SHORT = Duration.ofMillis(50);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptEndsAWriteToAPeerThatDoesNotRead(boolean isVirtual) throws Exception {
        try (var listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var client = SocketChannel.open(listener.getLocalAddress());
                var connection = listener.accept()) {
            var written = new FutureTask<Void>(() -> {
                try (var _ = Limit.start(SHORT, Thread.currentThread()::interrupt)) {
                    while (true) {
                        connection.write(ByteBuffer.allocate(1 << 20));
                    }
                }
            });
            (isVirtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(written);

            assertThatThrownBy(() -> written.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(ClosedByInterruptException.class);
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void whatIsLiftedInTimeDoesNothing() throws InterruptedException {
        var lifted = new CountDownLatch(1);
        var later = new CountDownLatch(1);
        try (var _ = Limit.start(Duration.ofHours(1), lifted::countDown)) {
            // Over in time.
        }
        try (var _ = Limit.start(SHORT, later::countDown)) {
            assertThat(later.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(lifted.getCount()).isEqualTo(1);
    }
}
