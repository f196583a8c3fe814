package dev.socketforwarder.runtime.config;

import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds the settings among the variables of the environment.
 *
 * <p>A key has two names there: {@code socketforwarder.tcp.port} and {@code SOCKETFORWARDER_TCP_PORT} are both {@code
 * transports.tcp.port}. In the first form, dots separate the words, and underscores may stand for dashes. The second form does
 * not say where the name of an endpoint ends, so the longest configured name counts. A name that mixes both forms, such as {@code
 * SOCKETFORWARDER_UDP.PORT}, is taken for the second one, with a warning.
 */
public final class Environment {
    static final String UPPER = "SOCKETFORWARDER_";
    static final String DOTTED = "socketforwarder.";

    // This key alone has a third name, without the prefix, which the original program used.
    private static final String BARE_KEY = "preconfig_addresses";

    /** The original takes any value of this variable for true. */
    private static final String ORIGINAL_DEBUG = DOTTED + "debug";

    private static final Comparator<String> BY_NAME =
            Comparator.comparing(Environment::isMixed).thenComparing(Comparator.naturalOrder());

    private final Map<String, String> variables;
    private final Set<String> types;
    private final Set<String> names;
    private final Map<String, String> chosen = new HashMap<>(); // by key, the variable that counts
    private final Map<String, Setting> settings = new TreeMap<>();
    private final List<String> warnings = new ArrayList<>();

    /**
     * Read the environment.
     *
     * @param types the installed types of transports, whose names need not be configured
     * @param configured the names of the endpoints that the file or the command line has
     */
    Environment(Map<String, String> variables, Set<String> types, Set<String> configured) {
        // In the order of their names, upper case first, so that messages are the same each time.
        this.variables = new TreeMap<>(BY_NAME);
        this.variables.putAll(variables);
        this.types = types;
        this.names = new LinkedHashSet<>(types);
        names.addAll(configured);
        read();
    }

    /** {@return whether any variable is a setting and not empty} */
    public static boolean isUsed(Map<String, String> variables) {
        var links = new ServiceLinks(variables.keySet());
        return variables.entrySet().stream()
                .filter(each -> !each.getValue().isEmpty() && !links.contains(each.getKey(), each.getValue()))
                .map(Map.Entry::getKey)
                .anyMatch(name -> isOurs(name) || name.endsWith("." + BARE_KEY));
    }

    private static boolean isOurs(String name) {
        return upper(name).startsWith(UPPER);
    }

    /** {@return whether the name mixes both spellings} */
    private static boolean isMixed(String name) {
        return isOurs(name) && !name.startsWith(DOTTED) && !name.equals(upper(name));
    }

    /** {@return the name in the second spelling} */
    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** {@return the settings, one for each key} */
    List<Setting> settings() {
        return List.copyOf(settings.values());
    }

    /** {@return one line for each variable that was ignored} */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    private void read() {
        var ours = new TreeMap<String, List<String>>(BY_NAME);
        var links = new ServiceLinks(variables.keySet());
        var ignored = new TreeSet<String>();
        variables.forEach((name, value) -> {
            var words = words(name);
            if (words.isEmpty() || value.isEmpty()) {
                return; // setting a variable to nothing is a way to leave it out
            }
            if (links.contains(name, value)) {
                ignored.add(name);
            } else {
                ours.put(name, words);
            }
        });
        if (!ignored.isEmpty()) {
            warnings.add(
                    "ignored " + Values.counted(ignored.size(), "variable") + " of Kubernetes service links, such as "
                            + Printable.line(ignored.getFirst())
                            + "; to avoid them, set enableServiceLinks: false in the pod");
        }
        ours.forEach(this::nameEndpoint);
        // A message shows a wrong key, which contains whatever the name of the variable contains.
        ours.forEach((name, words) -> add(Printable.line(key(name, words)), name));
    }

    /** {@return the words of a variable's name; empty if the variable is no setting} */
    private List<String> words(String name) {
        var words = wordsAsWritten(name);
        boolean isWholeKey = words.size() > 1 && words.getFirst().equals(Keys.TRANSPORTS);
        return isWholeKey ? words.subList(1, words.size()) : words;
    }

    private List<String> wordsAsWritten(String name) {
        if (name.startsWith(DOTTED)) {
            return Arrays.asList(name.substring(DOTTED.length())
                    .toLowerCase(Locale.ROOT)
                    .replace('_', '-')
                    .split("\\.", -1));
        }
        if (isOurs(name)) {
            return Arrays.asList(upper(name)
                    .substring(UPPER.length())
                    .toLowerCase(Locale.ROOT)
                    .split("_", -1));
        }
        int dot = name.indexOf('.');
        if (dot > 0
                && types.contains(name.substring(0, dot))
                && name.substring(dot + 1).equals(BARE_KEY)) {
            return List.of(name.substring(0, dot), BARE_KEY.replace('_', '-'));
        }
        return List.of();
    }

    /** Note the endpoint that a variable {@code …_TYPE} makes, unless the variable can only belong to an existing endpoint. */
    private void nameEndpoint(String variable, List<String> words) {
        int last = words.size() - 1;
        if (last < 1 || !words.getLast().equals(Keys.TYPE)) {
            return;
        }
        var name = String.join("-", words.subList(0, last));
        boolean belongsToOther = !variable.startsWith(DOTTED) && longestName(words) > 0;
        if (Keys.isWord(name)
                && !Keys.isTopLevel(name)
                && (types.contains(variables.get(variable)) || !belongsToOther)) {
            names.add(name);
        }
    }

    private String key(String variable, List<String> words) {
        var all = String.join("-", words);
        if (Keys.isTopLevel(all)) {
            return all;
        }
        if (words.getFirst().equals(Keys.PLUGINS) && words.size() > 1) {
            return Keys.PLUGINS + "." + String.join("-", words.subList(1, words.size()));
        }
        if (words.getFirst().equals(Keys.ADMIN) && words.size() > 1) {
            return Keys.ADMIN + "." + keyOfEndpoint(words.subList(1, words.size()), false);
        }
        if (words.getFirst().equals(Keys.GROUPS) && words.size() > 2) {
            return keyOfGroup(all);
        }
        // The early form socketforwarder.tcp_port does not say where the name ends either.
        boolean isDotted = variable.startsWith(DOTTED) && words.size() > 1;
        var parts = isDotted ? words : Arrays.asList(all.split("-", -1));
        int length = isDotted ? 1 : longestName(parts);
        var name = String.join("-", parts.subList(0, length));
        if (length == 0 || !names.contains(name)) {
            return all;
        }
        return Keys.ofEndpoint(name, keyOfEndpoint(parts.subList(length, parts.size()), isDotted));
    }

    private static String keyOfEndpoint(List<String> words, boolean isDotted) {
        if (words.size() > 1 && Keys.SECTIONS.contains(words.getFirst())) {
            return words.getFirst() + "." + keyOfEndpoint(words.subList(1, words.size()), isDotted);
        }
        int number = isDotted ? -1 : numberWithin(words);
        if (number > 0) { // a key of an element of a list
            return String.join("-", words.subList(0, number)) + "." + words.get(number) + "."
                    + keyOfEndpoint(words.subList(number + 1, words.size()), false);
        }
        return String.join(isDotted ? "." : "-", words);
    }

    /** {@return which word is a number with words around it, or -1} */
    private static int numberWithin(List<String> words) {
        for (int i = 1; i < words.size() - 1; i++) {
            if (words.get(i).matches("[1-9][0-9]*")) {
                return i;
            }
        }
        return -1;
    }

    /** {@return the key of a group, whose name stands before the longest known key} */
    private static String keyOfGroup(String all) {
        return Keys.OF_ENTRY.stream()
                .filter(key -> all.endsWith("-" + key) && all.length() > Keys.GROUPS.length() + 2 + key.length())
                .max(Comparator.comparingInt(String::length))
                .map(key -> Keys.ofGroup(all.substring(Keys.GROUPS.length() + 1, all.length() - key.length() - 1), key))
                .orElse(all);
    }

    /** {@return how many words make the longest name of an endpoint that leaves at least one word for the key, or 0} */
    private int longestName(List<String> words) {
        for (int length = words.size() - 1; length > 0; length--) {
            if (names.contains(String.join("-", words.subList(0, length)))) {
                return length;
            }
        }
        return 0;
    }

    /** {@return the value of a variable} In the original's spelling, a value of {@code debug} that says neither yes nor no means yes. */
    private String value(String variable) {
        var value = variables.get(variable);
        return variable.equals(ORIGINAL_DEBUG) && Values.flag(value).isEmpty() ? "true" : value;
    }

    private void add(String key, String variable) {
        var value = value(variable);
        var earlier = chosen.putIfAbsent(key, variable);
        if (earlier == null && isMixed(variable)) {
            warnings.add("environment variable " + Printable.line(variable) + " is taken for "
                    + Printable.line(upper(variable)) + "; rename it, for that is how it is written");
        }
        if (earlier == null) {
            settings.put(key, Setting.text(key, value, Origin.environment(variable)));
        } else if (!value(earlier).equals(value)) {
            warnings.add("environment variable " + Printable.line(variable) + " is ignored, since "
                    + Printable.line(earlier) + " sets the same key");
        }
    }
}
