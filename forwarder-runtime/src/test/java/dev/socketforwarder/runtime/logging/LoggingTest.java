package dev.socketforwarder.runtime.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tests how logging starts, and the lines that it writes. */
class LoggingTest {
    private static final Logger LOG = System.getLogger("dev.socketforwarder.test");
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void logAsBefore() {
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
    }

    private String written() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private JsonNode json() {
        return new JsonMapper().readTree(written());
    }

    @Test
    void textLinesHaveTimeLevelAndMessage() {
        Logging.start(LogFormat.TEXT, out, false);

        LOG.log(Level.INFO, "tcp listening on 127.0.0.1:6753");
        LOG.log(Level.WARNING, "{0} is no pattern {");
        LOG.log(Level.ERROR, "bad\r\n2026-01-01T00:00:00.000Z INFO  forged");
        LOG.log(Level.DEBUG, "not now");

        assertThat(written().split("\n", -1))
                .hasSize(4)
                .satisfiesExactly(
                        line -> assertThat(line).matches(TIME + " INFO  tcp listening on 127\\.0\\.0\\.1:6753"),
                        line -> assertThat(line).matches(TIME + " WARN  \\{0\\} is no pattern \\{"),
                        line -> assertThat(line)
                                .matches(TIME + " ERROR bad\\\\r\\\\n2026-01-01T00:00:00\\.000Z INFO  forged"),
                        line -> assertThat(line).isEmpty());
    }

    @Test
    void debugShowsMore() {
        Logging.start(LogFormat.TEXT, out, true);

        LOG.log(Level.DEBUG, "now");
        LOG.log(Level.TRACE, "not even now");

        assertThat(written()).endsWith(" DEBUG now\n").doesNotContain("not even");
    }

    @Test
    void aTraceIsIndentedSoThatNothingInItIsALineOfItsOwn() {
        Logging.start(LogFormat.TEXT, out, false);

        LOG.log(Level.WARNING, "failed", new IOException("peer said \u001b\n2026-01-01T00:00:00.000Z INFO  forged"));

        assertThat(written().lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("    "));
        assertThat(written())
                .contains("    java.io.IOException: peer said \\x1b\n")
                .contains("LoggingTest.java:");
    }

    @Test
    void jsonLinesAreJson() {
        Logging.start(LogFormat.JSON, out, false);

        LOG.log(Level.INFO, "a \"quoted\"\\ \n\u2028\ud800 ü \ud83d\ude00 line", new IOException("x"));

        assertThat(written().lines()).hasSize(1);
        assertThat(json().get("time").asString()).matches(TIME);
        assertThat(json().get("level").asString()).isEqualTo("INFO");
        assertThat(json().get("logger").asString()).isEqualTo("dev.socketforwarder.test");
        assertThat(json().get("thread").asString())
                .isEqualTo(Thread.currentThread().getName());
        assertThat(json().get("message").asString()).isEqualTo("a \"quoted\"\\ \n\u2028\ud800 ü \ud83d\ude00 line");
        assertThat(json().get("exception").asString()).startsWith("java.io.IOException: x\n\tat ");
    }

    @ParameterizedTest
    @EnumSource(LogFormat.class)
    void whateverIsLoggedIsOneLine(LogFormat format) {
        long seed = System.nanoTime();
        var random = new Random(seed);
        Logging.start(format, out, false);
        for (int i = 0; i < 500; i++) {
            var text = new StringBuilder();
            random.ints(random.nextInt(40), 0, 0x3000).forEach(text::appendCodePoint);
            out.reset();
            LOG.log(Level.INFO, text.toString());
            assertThat(written()).as("seed " + seed).endsWith("\n").matches("[^\\p{Cc}\\p{Zl}\\p{Zp}]*\n");
            if (format == LogFormat.JSON) {
                assertThat(json().get("message").asString()).as("seed " + seed).isEqualTo(text.toString());
            }
        }
    }

    @Test
    void theNameServiceIsNotAskedForThisMachine() {
        Logging.start(LogFormat.TEXT, out, false);

        var context = (LoggerContext) LogManager.getContext(false);
        assertThat(context.getConfiguration().getProperties()).containsEntry("hostName", "unknown");
    }

    @Test
    @Timeout(30)
    void noStartLeavesAWriterMore() throws InterruptedException {
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
        long before = writers(); // other tests have writers too
        for (int i = 0; i < 5; i++) {
            Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
        }
        while (writers() > before) {
            Thread.sleep(5); // the time limit of this test is the proof
        }
    }

    private static long writers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("log-writer"))
                .count();
    }

    @Test
    void anOutputThatFailsStopsNobody() {
        Logging.start(LogFormat.TEXT, new FailingOutput(), false);

        LOG.log(Level.INFO, "into the void");
    }

    private static final class FailingOutput extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("closed");
        }
    }
}
