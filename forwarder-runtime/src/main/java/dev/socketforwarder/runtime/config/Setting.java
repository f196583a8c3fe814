package dev.socketforwarder.runtime.config;

import java.util.Arrays;
import java.util.List;

/**
 * A key with its value in one source.
 *
 * @param key in full, as {@code transports.tcp.port}
 * @param items a single text, or the elements of a list; empty for maps and for a key without a value
 */
public record Setting(String key, Shape shape, List<Item> items, Origin origin) {

    /** The kinds of values. */
    enum Shape {
        TEXT,
        LIST,
        /** A list of maps, whose numbers are words of the keys below. */
        MAPS,
        MAP,
        EMPTY
    }

    /** A text with its own place, since each element of a list may have a line of its own. */
    public record Item(String text, Origin origin) {}

    public Setting {
        items = List.copyOf(items);
    }

    public static Setting text(String key, String text, Origin origin) {
        return new Setting(key, Shape.TEXT, List.of(new Item(text, origin)), origin);
    }

    /** {@return the text as a list; outside YAML, commas separate the elements, and brackets around the list are optional} */
    public List<Item> elements() {
        if (shape != Shape.TEXT || !isSplit()) {
            return items;
        }
        return Arrays.stream(inside(text().strip(), "[", "]").split(","))
                .map(String::strip)
                .map(element -> inside(inside(element, "\"", "\""), "'", "'"))
                .filter(element -> !element.isEmpty())
                .map(element -> new Item(element, origin))
                .toList();
    }

    /** {@return whether commas in a text separate elements} */
    boolean isSplit() {
        return origin.source() != Origin.Source.FILE;
    }

    /** {@return the text between a mark at its beginning and its partner at the end, or the whole text without them} */
    private static String inside(String text, String first, String last) {
        int end = text.length() - 1;
        boolean isPair = end > 0 && text.startsWith(first) && text.endsWith(last);
        return isPair && isBalanced(text.substring(1, end))
                ? text.substring(1, end).strip()
                : text;
    }

    private static boolean isBalanced(String text) {
        int open = 0;
        for (int i = 0; i < text.length() && open >= 0; i++) {
            open += text.charAt(i) == '[' ? 1 : text.charAt(i) == ']' ? -1 : 0;
        }
        return open == 0;
    }

    String text() {
        return items.getFirst().text();
    }

    /** {@return the value as messages show it} */
    String shown() {
        return shape != Shape.TEXT ? shownShape() : Secrets.shown(key, text());
    }

    /**
     * {@return the kind of the value, for messages where another kind was expected; the value itself might be a secret}
     */
    String shownShape() {
        if (Secrets.isSecret(key)) {
            return Secrets.MASK;
        }
        return switch (shape) {
            case TEXT -> "a text";
            case LIST -> "a list";
            case MAPS -> "a list of maps";
            case MAP -> "a map";
            case EMPTY -> "empty";
        };
    }
}
