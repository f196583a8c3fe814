package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.Origin;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.server.Setup;
import dev.socketforwarder.runtime.text.Printable;
import java.io.PrintStream;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Prints the settings in force as YAML, with a comment on where each value came from. */
public final class ConfigCommand {
    private static final int COMMENT_COLUMN = 48;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]*");

    private ConfigCommand() {}

    static int run(Inputs inputs, Plugins plugins, PrintStream out) {
        try (var setup = Setup.of(inputs, plugins)) {
            print(setup.configuration(), out);
            setup.notices().forEach(line -> out.println("# " + line));
            setup.warnings().forEach(line -> out.println("# " + line));
            return ExitCode.OK;
        }
    }

    /**
     * Explain one setting.
     *
     * @throws SettingException if there is no such setting
     */
    static int explain(String key, PrintStream out) {
        var guide = new SettingsGuide();
        var lines = guide.explain(key);
        if (lines.isEmpty()) {
            throw new SettingException("there is no setting " + Printable.quoted(key)
                    + guide.near(key)
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("")
                    + "; \"socketforwarder config\" prints those in force, and docs/SETTINGS.md lists all");
        }
        lines.forEach(out::println);
        return ExitCode.OK;
    }

    public static void print(Configuration configuration, PrintStream out) {
        // A key that endpoints inherit is printed at each endpoint that reads it, and here only if it was set here.
        var topLevel = configuration.topLevel();
        for (var key : Keys.INHERITED) {
            if (configuration.find(key).isPresent()) {
                topLevel.list(key, List.of());
            }
        }
        var all = configuration.inForce();
        all.stream().filter(value -> value.key().indexOf('.') < 0).forEach(value -> print(value.key(), value, "", out));
        printSection(Keys.PLUGINS, all, out);
        printSection(Keys.ADMIN, all, out);
        printMaps(Keys.TRANSPORTS, all, out);
        printMaps(Keys.GROUPS, all, out);
    }

    private static void printSection(String root, Collection<InForce> all, PrintStream out) {
        out.println(root + ":");
        var inner = "";
        for (var value : all.stream()
                .filter(each -> each.key().startsWith(root + "."))
                .sorted(Comparator.comparing(
                        each -> map(each.key().substring(root.length() + 1)))) // inner sections last
                .toList()) {
            var map = map(value.key().substring(root.length() + 1));
            if (!map.equals(inner)) {
                out.println("  " + map + ":");
                inner = map;
            }
            print(Keys.lastWord(value.key()), value, map.isEmpty() ? "  " : "    ", out);
        }
    }

    private static void printMaps(String root, Collection<InForce> all, PrintStream out) {
        var byName = byName(root, all);
        if (!byName.isEmpty()) {
            out.println(root + ":");
        }
        byName.forEach((name, values) -> {
            out.println("  " + name + ":");
            int start = (root + "." + name + ".").length();
            var map = "";
            // Sections come last, each in one piece, in whatever order their keys were read.
            var sorted = values.stream()
                    .sorted(Comparator.comparing(
                            value -> section(map(value.key().substring(start)))))
                    .toList();
            for (var value : sorted) {
                var key = value.key().substring(start);
                boolean isFirst = !map(key).equals(map);
                if (isFirst && !section(map(key)).equals(section(map))) {
                    out.println("    " + section(map(key)) + ":");
                }
                map = map(key);
                print(Keys.lastWord(key), value, indentation(map, isFirst), out);
            }
        });
    }

    /** {@return the indentation of a key in a map, or in an element of a list of maps} */
    private static String indentation(String map, boolean isFirst) {
        if (map.isEmpty()) {
            return "    ";
        }
        boolean isElement = map.indexOf('.') > 0;
        return "      " + (isElement ? isFirst ? "- " : "  " : "");
    }

    /** {@return the map that contains a key: none, a section, or a numbered element of a list} */
    private static String map(String key) {
        return key.substring(0, Math.max(0, key.lastIndexOf('.')));
    }

    private static String section(String map) {
        return map.split("\\.")[0];
    }

    private static Map<String, List<InForce>> byName(String root, Collection<InForce> all) {
        return all.stream()
                .filter(value -> value.key().startsWith(root + "."))
                .collect(Collectors.groupingBy(
                        value -> value.key().split("\\.")[1], LinkedHashMap::new, Collectors.toList()));
    }

    private static void print(String key, InForce value, String indentation, PrintStream out) {
        var texts = value.values().stream().map(ConfigCommand::yaml).collect(Collectors.joining(", "));
        // A default empty list is printed as a comment, since some settings may not be set to an empty list.
        boolean isNothing = value.isList() && value.values().isEmpty() && value.origin() == Origin.DEFAULT;
        var line = new StringBuilder(indentation)
                .append(isNothing ? "#" : "")
                .append(key)
                .append(": ");
        if (value.isList() && value.values().size() != 1) {
            line.append('[').append(texts).append(']');
        } else {
            line.append(texts);
        }
        line.repeat(' ', Math.max(1, COMMENT_COLUMN - line.length()));
        out.println(line.append("# ").append(value.origin().place()));
    }

    private static String yaml(String text) {
        return PLAIN.matcher(text).matches() ? text : Printable.quotedWhole(text);
    }
}
