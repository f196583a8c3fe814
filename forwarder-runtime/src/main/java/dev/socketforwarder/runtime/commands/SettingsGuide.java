package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.text.Spelling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Explains settings with the words of docs/SETTINGS.md, which the build copies beside this class. */
final class SettingsGuide {
    private static final String PAGE = "SETTINGS.md";

    /** The beginning of an item: {@code - `echo` (udp; default `false`): }. */
    private static final Pattern ITEM = Pattern.compile("- `([a-z0-9.-]+)` \\(([^;)]*)([^)]*)\\):\\s+");

    private static final int MOST_LETTERS = 2;

    private static final Pattern LINK = Pattern.compile("\\[([^]]*)]\\([^)]*\\)");

    /**
     * What the page says of one setting.
     *
     * @param section the heading above it
     * @param key the key, without the names of the endpoint or group that it belongs to
     * @param where the places where the key may stand
     * @param facts its default and an example, each after a semicolon
     * @param text all lines
     */
    record Item(String section, String key, String where, String facts, String text) {
        /** {@return what the setting does} */
        String body() {
            return ITEM.matcher(text).replaceFirst("");
        }

        boolean mayStandIn(String endpoint) {
            return List.of(where.split("[ ,]+")).contains(endpoint);
        }
    }

    private final List<Item> items = new ArrayList<>();

    SettingsGuide() {
        var section = "";
        for (var block : page().split("\n(?=[-#|])|\n\n")) {
            if (block.startsWith("#")) {
                section = block.lines().findFirst().orElseThrow().replaceFirst("#+ ", "");
            }
            var item = ITEM.matcher(block);
            if (item.lookingAt()) {
                items.add(new Item(section, item.group(1), item.group(2), item.group(3), block.strip()));
            }
        }
    }

    private static String page() {
        try (var page = SettingsGuide.class.getResourceAsStream(PAGE)) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return what the page says, in its order} */
    List<Item> items() {
        return List.copyOf(items);
    }

    /**
     * {@return the lines that explain a setting; empty if there is no such setting}
     *
     * @param key a key, such as {@code echo} or {@code transports.udp.echo}
     */
    List<String> explain(String key) {
        return found(key.replaceAll("\\.[0-9]+\\.", ".1.")).stream() // elements of a list have the same keys
                .flatMap(SettingsGuide::shown)
                .toList();
    }

    /** {@return a key whose last word is spelled much like that of a wrong one} */
    Optional<String> near(String wrong) {
        var word = Keys.lastWord(wrong);
        return items.stream()
                .map(Item::key)
                .filter(key -> distance(key, word) <= MOST_LETTERS)
                .min(Comparator.comparingInt(key -> distance(key, word)));
    }

    private static int distance(String key, String word) {
        return Spelling.distance(Keys.lastWord(key), word);
    }

    /** {@return the items of a key and of the keys in its map} */
    private List<Item> found(String key) {
        var endpoint = "";
        var rest = key;
        // Up to two words belong to the place of the key: transports.udp, groups.chat, admin.
        for (int skipped = 0; skipped <= 2; skipped++) {
            var own = rest;
            var found = having(each -> each.equals(own) || each.startsWith(own + "."));
            if (!found.isEmpty()) {
                var name = endpoint;
                var ofEndpoint =
                        found.stream().filter(each -> each.mayStandIn(name)).toList();
                return ofEndpoint.isEmpty() ? found : ofEndpoint;
            }
            int dot = rest.indexOf('.');
            endpoint = rest.substring(0, Math.max(0, dot));
            rest = rest.substring(dot + 1);
        }
        return having(each -> Keys.lastWord(each).equals(Keys.lastWord(key)));
    }

    private List<Item> having(Predicate<String> key) {
        return items.stream().filter(each -> key.test(each.key())).toList();
    }

    private static Stream<String> shown(Item item) {
        return Stream.concat(
                Stream.of(item.section() + ":"), plain(item.text()).lines().map(line -> "  " + line));
    }

    /** {@return the text without the marks of Markdown} */
    static String plain(String text) {
        return LINK.matcher(text).replaceAll("$1").replace("`", "");
    }
}
