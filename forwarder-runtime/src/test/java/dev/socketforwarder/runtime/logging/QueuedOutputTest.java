package dev.socketforwarder.runtime.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests an output whose reader stalls. */
@Timeout(30)
class QueuedOutputTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** An output that blocks until it is released. */
    private static final class Stalled extends OutputStream {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private final CountDownLatch go = new CountDownLatch(1);

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                if (!go.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException("never let");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            synchronized (written) {
                written.write(bytes, offset, length);
            }
        }

        String text() {
            synchronized (written) {
                return written.toString(StandardCharsets.UTF_8);
            }
        }
    }

    private static byte[] lossLine(long lost) {
        return ("lost " + lost + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aReaderThatStallsBlocksNobodyAndWhatIsLostIsCounted() throws IOException {
        var reader = new Stalled();
        var output = new QueuedOutput(reader, QueuedOutputTest::lossLine).start();
        int lines = 10_000;
        for (int i = 0; i < lines; i++) {
            output.write((i + "\n").getBytes(StandardCharsets.UTF_8));
        }
        reader.go.countDown();
        output.drain(LIMIT);
        // The line about the loss follows the first line written, so it is there when the last is.
        var written = reader.text().lines().toList();

        assertThat(written).filteredOn(line -> line.startsWith("lost ")).hasSize(1);
        var loss = written.stream().filter(line -> line.startsWith("lost ")).findFirst();
        long lost = Long.parseLong(loss.orElseThrow().substring("lost ".length()));
        assertThat(written.size() - 1 + lost).isEqualTo(lines);
        assertThat(written).startsWith("0");
    }

    @Test
    void drainWaitsUntilAllIsWritten() {
        var out = new ByteArrayOutputStream();
        var output = new QueuedOutput(out, QueuedOutputTest::lossLine).start();
        output.write("last words\n".getBytes(StandardCharsets.UTF_8), 0, 11);
        output.drain(LIMIT);

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("last words\n");
    }

    @Test
    void theEndLosesNothingThatWaits() {
        var out = new ByteArrayOutputStream();
        var output = new QueuedOutput(out, QueuedOutputTest::lossLine).start();
        for (int i = 0; i < 1_000; i++) {
            output.write(
                    (i + "\n").getBytes(StandardCharsets.UTF_8),
                    0,
                    Integer.toString(i).length() + 1);
        }
        output.close();
        output.drain(LIMIT);

        assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSize(1_000).endsWith("999");
    }

    @Test
    void drainGivesUpOnAReaderThatStalls() {
        var output = new QueuedOutput(new Stalled(), QueuedOutputTest::lossLine).start();
        output.write("unheard\n".getBytes(StandardCharsets.UTF_8), 0, 8);

        output.drain(Duration.ofMillis(50)); // must return: the time limit of this test is the proof
    }
}
