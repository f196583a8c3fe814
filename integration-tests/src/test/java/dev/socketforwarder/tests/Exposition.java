package dev.socketforwarder.tests;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The metrics that a forwarder exposes, and what an expression of Prometheus asks of them. */
final class Exposition {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("([a-zA-Z_]\\w*)\\s*(=~|=)\\s*\"([^\"]*)\"");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without|on)\\s*\\(([^)]*)\\)");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*(?!\\w|:|\\s*\\()");

    /** What Prometheus itself adds. */
    private static final Set<String> METRICS_OF_PROMETHEUS = Set.of("up");

    private static final Set<String> LABELS_OF_PROMETHEUS = Set.of("instance", "job");
    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");

    private final Map<String, List<Map<String, String>>> labels = new HashMap<>();

    /** Read the text format of Prometheus. */
    Exposition(String text) {
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            var sample = SAMPLE.matcher(line);
            if (!sample.matches()) {
                throw new AssertionError("no sample: " + line);
            }
            var ofSample = new HashMap<String, String>();
            LABEL.matcher(sample.group(2) == null ? "" : sample.group(2))
                    .results()
                    .forEach(label -> ofSample.put(label.group(1), label.group(2)));
            labels.computeIfAbsent(sample.group(1), _ -> new ArrayList<>()).add(ofSample);
        });
    }

    /** {@return the metrics, labels and values of labels that an expression uses and that are not exposed} */
    Set<String> missing(String expression) {
        var missing = new TreeSet<String>();
        SELECTOR.matcher(expression)
                .results()
                .forEach(selector -> MATCHER.matcher(selector.group(2))
                        .results()
                        .filter(matcher -> !LABELS_OF_PROMETHEUS.contains(matcher.group(1)))
                        .forEach(matcher -> {
                            var values = matcher.group(2).equals("=~")
                                    ? matcher.group(3).split("\\|")
                                    : new String[] {Pattern.quote(matcher.group(3))};
                            for (var value : values) {
                                if (!has(selector.group(1), matcher.group(1), value)) {
                                    missing.add(selector.group(1) + "{" + matcher.group(1) + "=~" + value + "}");
                                }
                            }
                        }));
        var names = names(expression);
        GROUPING.matcher(expression).results().forEach(grouping -> {
            for (var label : grouping.group(1).split("\\s*,\\s*")) {
                if (!LABELS_OF_PROMETHEUS.contains(label) && names.stream().noneMatch(name -> has(name, label, ".*"))) {
                    missing.add(label);
                }
            }
        });
        names.stream()
                .filter(name -> !labels.containsKey(name) && !METRICS_OF_PROMETHEUS.contains(name))
                .forEach(missing::add);
        return missing;
    }

    private boolean has(String metric, String label, String pattern) {
        return METRICS_OF_PROMETHEUS.contains(metric)
                || labels.getOrDefault(metric, List.of()).stream()
                        .anyMatch(each -> each.getOrDefault(label, "\n").matches(pattern));
    }

    /** {@return the names of metrics in an expression} */
    static Set<String> names(String expression) {
        var bare = STRING.matcher(expression).replaceAll("");
        bare = GROUPING.matcher(bare).replaceAll(" ");
        bare = bare.replaceAll("\\{[^}]*}|\\[[^]]*]|\\b[0-9][0-9.eE+smhd]*", " ");
        var names = new TreeSet<String>();
        NAME.matcher(bare).results().forEach(name -> names.add(name.group()));
        names.removeAll(OPERATORS);
        return names;
    }
}
