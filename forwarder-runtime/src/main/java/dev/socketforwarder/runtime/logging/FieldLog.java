package dev.socketforwarder.runtime.logging;

import java.lang.System.Logger.Level;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.message.Message;

/**
 * Logs lines that carry fields beside their text. JSON lines show the fields, and text lines leave them out. This class
 * bypasses {@link System.Logger}, which can carry text alone.
 */
public final class FieldLog {
    private final Logger log;

    /** Make the log of this class. */
    public FieldLog(Class<?> of) {
        this.log = LogManager.getLogger(of);
    }

    /**
     * Log a line.
     *
     * @param fields texts and numbers by their names, in the order in which they are shown
     */
    public void log(Level level, String text, Map<String, ?> fields) {
        log.log(levelOf(level), new Line(text, fields));
    }

    /** {@return whether lines of this level are logged} */
    public boolean isLoggable(Level level) {
        return log.isEnabled(levelOf(level));
    }

    private static org.apache.logging.log4j.Level levelOf(Level level) {
        return switch (level) {
            case ALL, TRACE -> org.apache.logging.log4j.Level.TRACE;
            case DEBUG -> org.apache.logging.log4j.Level.DEBUG;
            case INFO -> org.apache.logging.log4j.Level.INFO;
            case WARNING -> org.apache.logging.log4j.Level.WARN;
            case ERROR -> org.apache.logging.log4j.Level.ERROR;
            case OFF -> org.apache.logging.log4j.Level.OFF;
        };
    }

    /** A message of log4j with fields. */
    record Line(String text, Map<String, ?> fields) implements Message {
        @Override
        public String getFormattedMessage() {
            return text;
        }

        @Override
        public Object[] getParameters() {
            return new Object[0];
        }

        @Override
        public Throwable getThrowable() {
            return null;
        }
    }
}
