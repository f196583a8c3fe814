package dev.socketforwarder.runtime.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Makes text and bytes from strangers fit for one line of a log or a terminal: bounded, and free of characters that end
 * the line, move the cursor or turn the writing direction.
 */
public final class Printable {
    /** The most bytes of a peer that a message shows. */
    static final int MOST_BYTES = 64;

    private static final int MOST_CHARACTERS = 80;
    private static final int LONGEST_LINE = 8 * 1024;

    private Printable() {}

    /** {@return the text in quotes, escaped, and cut after 80 characters} */
    public static String quoted(String text) {
        return '"' + escaped(text, MOST_CHARACTERS, true) + '"';
    }

    /** {@return the text in quotes, escaped, and whole} */
    public static String quotedWhole(String text) {
        return '"' + escaped(text, Integer.MAX_VALUE, true) + '"';
    }

    /** {@return the text on one line, cut only if it is longer than any message of the forwarder} */
    public static String line(String text) {
        return escaped(text, LONGEST_LINE, false);
    }

    /** {@return the first bytes in quotes, with everything but printable ASCII escaped; the buffer's position stays} */
    public static String quoted(ByteBuffer bytes) {
        int length = Math.min(bytes.remaining(), MOST_BYTES);
        var out = new StringBuilder(length + 8).append('"');
        for (int i = 0; i < length; i++) {
            int b = bytes.get(bytes.position() + i) & 0xff;
            if (b >= 0x7f) {
                out.append("\\x").append(hex(b, 2));
            } else {
                append(out, b, true);
            }
        }
        if (length < bytes.remaining()) {
            out.append("...");
        }
        return out.append('"').toString();
    }

    /**
     * {@return the bytes as text on one line. Backslashes and bytes that are no UTF-8 are escaped too, so text of the peer never
     * looks like an escape}
     *
     * @param isCut whether more bytes follow, so that the last character may be incomplete and is left out then
     */
    public static String text(byte[] bytes, boolean isCut) {
        var decoder = StandardCharsets.UTF_8.newDecoder(); // reports what is malformed
        var in = ByteBuffer.wrap(bytes);
        var decoded = CharBuffer.allocate(bytes.length);
        var out = new StringBuilder(bytes.length + 16);
        for (var result = decoder.decode(in, decoded, !isCut); ; result = decoder.decode(in, decoded, !isCut)) {
            decoded.flip().codePoints().forEach(c -> append(out, c, c == '\\'));
            decoded.clear();
            if (!result.isError()) {
                return out.toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.append("\\x").append(hex(in.get() & 0xff, 2));
            }
        }
    }

    private static String escaped(String text, int most, boolean inQuotes) {
        int plain = 0;
        while (plain < text.length() && plain < most && isPlain(text.charAt(plain))) {
            plain++;
        }
        if (plain == text.length()) {
            return text; // the common case
        }
        var out = new StringBuilder(text.length() + 16);
        int at = 0;
        while (at < text.length() && at < most) {
            int c = text.codePointAt(at);
            append(out, c, inQuotes);
            at += Character.charCount(c);
        }
        if (at < text.length()) {
            out.append("...");
        }
        return out.toString();
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
    }

    private static void append(StringBuilder out, int c, boolean inQuotes) {
        switch (c) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case '"', '\\' -> out.append(inQuotes ? "\\" : "").append((char) c);
            default -> {
                if (isVisible(c)) {
                    out.appendCodePoint(c);
                } else if (c < 0x80) { // beyond, a character is no single byte
                    out.append("\\x").append(hex(c, 2));
                } else {
                    out.append("\\u{").append(hex(c, 4)).append('}');
                }
            }
        }
    }

    private static boolean isVisible(int c) {
        if (c < 0x7f) {
            return c >= ' ';
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT, // includes the bidirectional overrides
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    private static String hex(int value, int digits) {
        var text = Integer.toHexString(value);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }
}
