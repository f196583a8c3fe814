package dev.socketforwarder.runtime.config;

import java.util.Arrays;
import java.util.List;

/**
 * One key as one source has it.
 *
 * @param key in full, as {@code transports.tcp.port}
 * @param items the one text, or the elements of a list; empty for maps and for a key without a value
 */
public record Setting(String key, Shape shape, List<Item> items, Origin origin) {

    /** What stands after the key. */
    enum Shape {
        TEXT,
        LIST,
        /** A list of maps, whose numbers are words of the keys below. */
        MAPS,
        MAP,
        EMPTY
    }

    /** A text with its own place: the elements of a list may have a line each. */
    public record Item(String text, Origin origin) {}

    public Setting {
        items = List.copyOf(items);
    }

    public static Setting text(String key, String text, Origin origin) {
        return new Setting(key, Shape.TEXT, List.of(new Item(text, origin)), origin);
    }

    /** {@return the text as a list: where YAML cannot say that it is one, commas part the elements} */
    public List<Item> elements() {
        if (shape != Shape.TEXT || origin.source() == Origin.Source.FILE) {
            return items;
        }
        return Arrays.stream(text().split(","))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .map(element -> new Item(element, origin))
                .toList();
    }

    String text() {
        return items.getFirst().text();
    }

    /** {@return the value as messages show it} */
    String shown() {
        return Secrets.isSecret(key) || shape != Shape.TEXT ? shownShape() : Secrets.shown(key, text());
    }

    /** {@return what kind of value it is, for where another kind was expected: it could be anything, a secret too} */
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
