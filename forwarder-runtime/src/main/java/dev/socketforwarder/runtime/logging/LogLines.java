package dev.socketforwarder.runtime.logging;

import dev.socketforwarder.runtime.text.Printable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.apache.logging.log4j.core.LogEvent;

/** Turns log events into lines. Bytes from a peer can never begin a line of their own. */
final class LogLines {
    private static final int LEVEL_WIDTH = 5;

    private LogLines() {}

    /** {@return time, level and message, followed by the indented lines of a stack trace} */
    static String text(LogEvent event) {
        var out = new StringBuilder(160);
        appendTime(out, event.getTimeMillis());
        var level = event.getLevel().name();
        out.append(' ').append(level).repeat(' ', Math.max(0, LEVEL_WIDTH - level.length()));
        out.append(' ').append(Printable.line(event.getMessage().getFormattedMessage()));
        out.append('\n');
        if (event.getThrown() != null) {
            trace(event.getThrown())
                    .lines()
                    .forEach(line -> out.append("    ")
                            .append(Printable.line(line.replace("\t", "  ")))
                            .append('\n'));
        }
        return out.toString();
    }

    /** {@return one JSON object} */
    static String json(LogEvent event) {
        var out = new StringBuilder(240);
        out.append("{\"time\":\"");
        appendTime(out, event.getTimeMillis());
        out.append('"');
        appendField(out, "level", event.getLevel().name());
        appendField(out, "logger", event.getLoggerName());
        appendField(out, "thread", event.getThreadName());
        appendField(out, "message", event.getMessage().getFormattedMessage());
        if (event.getMessage() instanceof FieldLog.Line line) {
            line.fields().forEach((name, value) -> appendField(out, name, value));
        }
        if (event.getThrown() != null) {
            appendField(out, "exception", trace(event.getThrown()));
        }
        return out.append("}\n").toString();
    }

    private static String trace(Throwable thrown) {
        var out = new StringWriter();
        thrown.printStackTrace(new PrintWriter(out));
        return out.toString();
    }

    /**
     * Write ISO 8601 in UTC, always with milliseconds. Written by hand, since a formatter costs a tenth of the start.
     */
    private static void appendTime(StringBuilder out, long epochMs) {
        var time = LocalDateTime.ofEpochSecond(Math.floorDiv(epochMs, 1000L), 0, ZoneOffset.UTC);
        appendPadded(out, time.getYear(), 4).append('-');
        appendPadded(out, time.getMonthValue(), 2).append('-');
        appendPadded(out, time.getDayOfMonth(), 2).append('T');
        appendPadded(out, time.getHour(), 2).append(':');
        appendPadded(out, time.getMinute(), 2).append(':');
        appendPadded(out, time.getSecond(), 2).append('.');
        appendPadded(out, (int) Math.floorMod(epochMs, 1000L), 3).append('Z');
    }

    private static StringBuilder appendPadded(StringBuilder out, int value, int digits) {
        var text = Integer.toString(value);
        return out.repeat('0', digits - text.length()).append(text);
    }

    private static void appendField(StringBuilder out, String name, Object value) {
        if (value instanceof Number) {
            out.append(",\"").append(name).append("\":").append(value);
        } else {
            appendField(out, name, value.toString());
        }
    }

    private static void appendField(StringBuilder out, String name, String value) {
        out.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            appendCharacter(out, value, i);
        }
        out.append('"');
    }

    private static void appendCharacter(StringBuilder out, String value, int i) {
        char c = value.charAt(i);
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                // Escapes also line separators and lone surrogates, which some readers cannot handle.
                if (c < ' ' || c >= 0x7f && !Character.isLetterOrDigit(c) && !isPaired(value, i)) {
                    var hex = Integer.toHexString(c);
                    out.append("\\u").repeat('0', 4 - hex.length()).append(hex);
                } else {
                    out.append(c);
                }
            }
        }
    }

    private static boolean isPaired(String value, int i) {
        char c = value.charAt(i);
        return Character.isHighSurrogate(c)
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    }
}
