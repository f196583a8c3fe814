package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Collects log lines, for tests outside the package of the log. */
public final class TestLog implements AutoCloseable {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Collect the lines that are logged from now on. */
    public TestLog() {
        Logging.start(LogFormat.TEXT, out, false);
    }

    /** {@return all lines that were logged} */
    public String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
    }
}
