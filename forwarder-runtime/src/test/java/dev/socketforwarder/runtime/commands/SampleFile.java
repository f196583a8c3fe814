package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.commands.SettingsGuide.Item;
import dev.socketforwarder.runtime.config.Keys;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The image's configuration file, composed from docs/SETTINGS.md. It has each key as a comment, below the first sentence about the
 * key: {@code #key: value} has the default, and {@code # key: value} an example.
 */
final class SampleFile {
    private static final int WIDTH = 100;
    private static final Pattern DEFAULT = Pattern.compile("default `([^`]*)`");
    private static final Pattern EXAMPLE = Pattern.compile("example\\s+`([^`]*)`");
    private static final Pattern CHOICE = Pattern.compile("(?m)^  - (`[^`]*`:[^\n]*(?:\n    [^\n]*)*)");
    private static final Set<String> MAPS = Set.of("transports", "groups");

    /** The one key of the top level that the file sets: by default the image serves only this machine. */
    private static final String ACTIVE = "host-address";

    private static final String HEAD = """
            # TCP and UDP on port 6753 of the loopback, and every other setting as a comment.
            #
            # "#key: value" has the default of the key, "# key: value" an example.
            #
            # The forwarder reads this file if neither the command line nor the environment configures it;
            # otherwise only with `socketforwarder --config FILE`. The environment overrides the file:
            # SOCKETFORWARDER_TCP_PORT is the port of the endpoint tcp, and so on.
            #
            # `socketforwarder check` validates a file, `socketforwarder config` prints what is in force and
            # where it comes from, and `socketforwarder config --explain KEY` says all about a key and where
            # else it may stand, as docs/SETTINGS.md does.
            #
            # This file is made from docs/SETTINGS.md: see SampleFileTest.
            """;

    /**
     * Where items stand in the file.
     *
     * @param prefix begins their keys in docs/SETTINGS.md, but not in the file
     * @param indentation stands before the comment sign
     * @param depth how many levels a map is indented that is itself a comment; 0 if the items stand in a map of the file
     */
    private record Place(String prefix, String indentation, int depth) {}

    private final List<Item> items = new SettingsGuide().items();
    private final StringBuilder file = new StringBuilder(HEAD);
    private final StringBuilder uncommented = new StringBuilder();

    SampleFile() {
        items(new Place("", "", 0), item -> isAtTop(item) && item.key().indexOf('.') < 0 && !MAPS.contains(item.key()));

        explain(item("groups"), "");
        lines("", "# ", "groups:", "  sensors:", "    framing: line");
        items(new Place("", "", 2), item -> item.where().equals("entry of groups"));

        for (var section : List.of("plugins", "admin")) {
            file.append('\n');
            lines("", "", section + ":");
            items(new Place(section + ".", "  ", 0), item -> item.key().startsWith(section + "."));
        }

        explain(item("transports"), "");
        lines("", "", "transports:", "  tcp:", "    port: 6753");
        items(
                new Place("", "    ", 0),
                item -> item.mayStandIn("tcp") || item.where().equals("connections"));
        file.append('\n');
        lines("", "", "  udp:", "    port: 6753");
        items(new Place("", "    ", 0), item -> item.mayStandIn("udp"));
        file.append("\n  # Another endpoint.\n");
        lines("  ", "# ", "telemetry:");
        items(new Place("", "  ", 1), item -> item.where().equals("endpoint"));
        file.append("\n  # Groups that span several forwarders, over NATS servers.\n");
        lines("  ", "# ", "nats:");
        items(new Place("", "  ", 1), item -> item.mayStandIn("nats"));
    }

    /** {@return the text of the file} */
    String text() {
        return file.toString();
    }

    /** {@return the file as it is when each key counts} */
    String uncommented() {
        return uncommented.toString();
    }

    private static boolean isAtTop(Item item) {
        return item.where().equals("process") || item.where().equals("top or endpoint") || item.mayStandIn("group");
    }

    private Item item(String key) {
        return items.stream().filter(each -> each.key().equals(key)).findFirst().orElseThrow();
    }

    private void items(Place place, Predicate<Item> stands) {
        var here = items.stream().filter(stands).toList();
        boolean hasSections = place.depth() == 0
                && here.stream().map(Item::section).distinct().count() > 1;
        var section = "";
        for (var item : here) {
            if (hasSections && !item.section().equals(section)) {
                section = item.section();
                file.append('\n').append(place.indentation()).append("# === " + section + " ===\n");
            }
            item(place, item, here);
        }
    }

    /** Append one item among those of its map. */
    private void item(Place place, Item item, List<Item> here) {
        var key = item.key().substring(place.prefix().length());
        int depth = place.depth() + key.replaceAll("[^.]", "").length();
        var inner = "  ".repeat(depth);
        explain(item, place.indentation() + (depth == 0 ? "" : "# " + inner));

        var first =
                here.stream().filter(each -> parent(each).equals(parent(item))).findFirst();
        boolean opensElement = parent(item).endsWith(".1") && first.orElseThrow() == item;
        boolean isMap = here.stream().anyMatch(each -> each.key().startsWith(item.key() + "."));
        var line = (opensElement ? inner.substring(2) + "- " : inner) + Keys.lastWord(key) + ":";
        if (item.key().equals(ACTIVE)) {
            lines("", "", line + " 127.0.0.1");
        } else if (isMap) {
            lines(place.indentation(), "# ", line);
        } else {
            var preset = find(DEFAULT, item);
            var example = find(EXAMPLE, item);
            var value = (depth == 0 ? preset.or(() -> example) : example.or(() -> preset))
                    .orElseThrow(() -> new AssertionError(item.key() + " has neither a default nor an example"));
            lines(place.indentation(), depth == 0 && preset.isPresent() ? "#" : "# ", line + " " + value);
        }
    }

    private static String parent(Item item) {
        return item.key().substring(0, Math.max(0, item.key().lastIndexOf('.')));
    }

    private void lines(String indentation, String mark, String... lines) {
        for (var line : lines) {
            file.append(indentation).append(mark).append(line).append('\n');
            uncommented.append(indentation).append(line).append('\n');
        }
    }

    /** Append what an item says as a comment, after an empty line unless it is the first of its map or in a commented map. */
    private void explain(Item item, String before) {
        if (!before.contains("#") && !file.toString().endsWith(":\n")) {
            file.append('\n');
        }
        var mark = before + "# ";
        wrap(sentence(firstSentence(item)) + defaults(item), mark, mark);
        CHOICE.matcher(item.body()).results().forEach(choice -> wrap(choice.group(1), mark + "  ", mark + "    "));
    }

    private static String firstSentence(Item item) {
        return item.body().split("\n  - ")[0].replaceAll("\\s+", " ").split("(?<=\\.) ")[0];
    }

    /** {@return what there is to say of the default beyond the value in the file} */
    private static String defaults(Item item) {
        var facts = item.facts().replaceAll("\\s+", " ").split("; ");
        var said = Arrays.stream(facts)
                .filter(fact -> !fact.isBlank() && !fact.startsWith("example") && !fact.equals("default: none"))
                .collect(Collectors.joining("; "));
        return said.isEmpty() || DEFAULT.matcher(said).matches() ? "" : " " + sentence(said + ".");
    }

    private static String sentence(String text) {
        var plain = SettingsGuide.plain(text);
        return Character.toUpperCase(plain.charAt(0)) + plain.substring(1);
    }

    private void wrap(String text, String first, String rest) {
        var line = new StringBuilder(first);
        for (var word : SettingsGuide.plain(text).split("\\s+")) {
            if (line.length() + word.length() > WIDTH) {
                file.append(line.toString().stripTrailing()).append('\n');
                line = new StringBuilder(rest);
            }
            line.append(word).append(' ');
        }
        file.append(line.toString().stripTrailing()).append('\n');
    }

    private static Optional<String> find(Pattern fact, Item item) {
        return fact.matcher(item.facts())
                .results()
                .map(result -> result.group(1).replaceAll("\\s+", " "))
                .findFirst();
    }
}
