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

/** Explains settings with the words of docs/SETTINGS.md, which the build copies beside this class. */
final class SettingsGuide {
    private static final String PAGE = "SETTINGS.md";

    /** The keys at the beginning of an item of a list: {@code - `receive-buffer` and `send-buffer` (default ...}. */
    private static final Pattern ITEM = Pattern.compile("- ((?:`[a-z0-9.-]+`(?:, | and )?)+)(?= \\(|:)");

    private static final Pattern KEY = Pattern.compile("`([a-z0-9.-]+)`");

    private static final int MOST_LETTERS = 2;

    private static final Pattern LINK = Pattern.compile("\\[([^]]*)]\\([^)]*\\)");

    /**
     * One item or paragraph.
     *
     * @param place the headings above it
     * @param keys the keys that it explains; empty for a paragraph
     * @param text its lines
     */
    private record Passage(String place, List<String> keys, String text) {
        boolean explains(String key) {
            return keys.contains(key);
        }

        boolean mentions(String key) {
            return text.contains("`" + key + "`");
        }
    }

    private final List<Passage> passages = new ArrayList<>();

    SettingsGuide() {
        var place = List.of("", "");
        for (var block : page().split("\n(?=[-#|])|\n\n")) {
            if (block.startsWith("### ")) {
                place = List.of(
                        place.getFirst(),
                        ": " + block.lines().findFirst().orElseThrow().substring(4));
            } else if (block.startsWith("## ")) {
                place = List.of(block.lines().findFirst().orElseThrow().substring(3), "");
            } else if (!block.startsWith("|") && !block.startsWith("```")) {
                passages.add(new Passage(String.join("", place), keys(block), block.strip()));
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

    private static List<String> keys(String block) {
        var item = ITEM.matcher(block);
        return item.lookingAt()
                ? KEY.matcher(item.group(1)).results().map(key -> key.group(1)).toList()
                : List.of();
    }

    /**
     * {@return the lines that explain a setting; empty if there is no such setting}
     *
     * @param key a key, such as {@code echo} or {@code transports.udp.echo}
     */
    List<String> explain(String key) {
        var word = Keys.lastWord(key);
        var map = Keys.lastWord(key.substring(0, Math.max(0, key.lastIndexOf('.'))));
        List<Predicate<Passage>> ways = List.of(
                each -> each.explains(key),
                each -> each.explains(word),
                each -> each.mentions(key),
                each -> each.mentions(word) && !each.keys().isEmpty(),
                each -> !map.isEmpty() && each.explains(map));
        for (var way : ways) {
            var found = passages.stream().filter(way).toList();
            if (!found.isEmpty()) {
                return found.stream().flatMap(each -> shown(each).stream()).toList();
            }
        }
        return List.of();
    }

    /** {@return a key that is spelled much like the last word of a wrong one} */
    Optional<String> near(String wrong) {
        var word = Keys.lastWord(wrong);
        return passages.stream()
                .flatMap(each -> each.keys().stream())
                .filter(key -> Spelling.distance(key, word) <= MOST_LETTERS)
                .min(Comparator.comparingInt(key -> Spelling.distance(key, word)));
    }

    private static List<String> shown(Passage passage) {
        var lines = new ArrayList<>(List.of(passage.place() + ":"));
        LINK.matcher(passage.text())
                .replaceAll("$1")
                .replace("`", "")
                .lines()
                .map(line -> "  " + line)
                .forEach(lines::add);
        return lines;
    }
}
