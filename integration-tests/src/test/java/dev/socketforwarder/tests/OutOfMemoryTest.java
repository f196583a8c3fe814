package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Tests that the process ends soon without memory, with its own exit code, since a restart is better than a zombie. */
class OutOfMemoryTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static void assertEndsWithThree(Forwarder forwarder) {
        assertThat(forwarder.awaitExit(SOON)).as(forwarder.err().toString()).isEqualTo(3);
    }

    @Test
    void directMemoryIsExhausted() {
        // The event loops' read buffers exceed this.
        var result = Launch.onFreePorts()
                .env("JDK_JAVA_OPTIONS", "-XX:MaxDirectMemorySize=1m")
                .env("SOCKETFORWARDER_EVENT_LOOPS", "8")
                .run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(3);
        assertThat(result.errText()).contains("out of memory: exiting with code 3");
    }

    @Test
    void theHeapIsExhausted() {
        var clients = new ArrayList<TcpClient>();
        try (var forwarder = Launch.onFreePorts()
                .env("JDK_JAVA_OPTIONS", "-Xmx16m")
                .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE_LIMIT", "64KiB")
                .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE_TIMEOUT", "1m")
                .start()) {
            try {
                for (int i = 0; i < 1_000; i++) {
                    var client = TcpClient.connect(forwarder.tcp());
                    clients.add(client);
                    client.send("S"); // the beginning of a first message, which has room of this size
                }
            } catch (UncheckedIOException _) {
                // It is gone, with its connections.
            }
            assertEndsWithThree(forwarder);
        } finally {
            clients.forEach(TcpClient::close);
        }
    }
}
