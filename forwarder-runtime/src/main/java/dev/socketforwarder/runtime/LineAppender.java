package dev.socketforwarder.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** Writes each event with one call, so that lines of several threads never mix. */
final class LineAppender extends AbstractAppender {
    private final LogFormat format;
    private final OutputStream out;

    LineAppender(LogFormat format, OutputStream out) {
        super("lines", null, null, true, Property.EMPTY_ARRAY);
        this.format = format;
        this.out = out;
    }

    @Override
    public void append(LogEvent event) {
        var line = switch (format) {
            case TEXT -> LogLines.text(event);
            case JSON -> LogLines.json(event);
        };
        var bytes = line.getBytes(StandardCharsets.UTF_8);
        synchronized (out) {
            try {
                out.write(bytes);
                out.flush();
            } catch (IOException _) {
                // Nobody reads our log any more, and there is no other place to say so.
            }
        }
    }
}
