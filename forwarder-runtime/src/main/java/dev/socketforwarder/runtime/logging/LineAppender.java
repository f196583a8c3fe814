package dev.socketforwarder.runtime.logging;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;

/** Writes each event with one call, so that lines of several threads never mix. */
final class LineAppender extends AbstractAppender {
    private static final LongAdder WARNINGS = new LongAdder();

    private final LogFormat format;
    private final OutputStream out;

    LineAppender(LogFormat format, OutputStream out) {
        super("lines", null, null, true, Property.EMPTY_ARRAY);
        this.format = format;
        this.out = out;
    }

    @Override
    public void append(LogEvent event) {
        if (event.getLevel().isMoreSpecificThan(Level.WARN)) {
            WARNINGS.increment();
        }
        var bytes = bytes(format, event);
        synchronized (out) {
            try {
                out.write(bytes);
                out.flush();
            } catch (IOException _) {
                // The log has no reader any more, and no other place could say so.
            }
        }
    }

    /** {@return how many warnings and errors were logged so far} */
    static long warnings() {
        return WARNINGS.sum();
    }

    private static byte[] bytes(LogFormat format, LogEvent event) {
        var line = switch (format) {
            case TEXT -> LogLines.text(event);
            case JSON -> LogLines.json(event);
        };
        return line.getBytes(StandardCharsets.UTF_8);
    }

    /** {@return the line that says how many lines were lost} */
    static byte[] lossLine(LogFormat format, long lost) {
        var message = lost + " log lines are lost: the reader of the log does not keep up";
        return bytes(
                format,
                Log4jLogEvent.newBuilder()
                        .setLevel(Level.WARN)
                        .setLoggerName(LineAppender.class.getName())
                        .setThreadName(Thread.currentThread().getName())
                        .setMessage(new SimpleMessage(message))
                        .setTimeMillis(System.currentTimeMillis())
                        .build());
    }
}
