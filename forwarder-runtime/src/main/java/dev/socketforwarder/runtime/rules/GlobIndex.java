package dev.socketforwarder.runtime.rules;

import dev.socketforwarder.api.kit.Glob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/**
 * Finds the first of many names and patterns that matches a group, without trying each of them. The index looks up a
 * name by its hash and a pattern by its beginning or end, and keeps recent answers. Thread-safe.
 */
final class GlobIndex {
    /** How many answers are kept. A new answer replaces an old one, since strangers may invent any number of names. */
    private static final int ANSWERS = 1_024;

    /** The answer if nothing matches. */
    static final int NONE = Integer.MAX_VALUE;

    private record Numbered(Glob glob, int number) {}

    private record Answer(String name, int number) {}

    /**
     * Patterns by the text at one of their ends. Patterns with texts of the same length share one map, so each length
     * costs one look-up.
     */
    private static final class Ends {
        private final TreeMap<Integer, Map<String, List<Numbered>>> byLength =
                new TreeMap<>(Collections.reverseOrder());

        void add(String text, Numbered pattern) {
            byLength.computeIfAbsent(text.length(), _ -> new HashMap<>())
                    .computeIfAbsent(text, _ -> new ArrayList<>())
                    .add(pattern);
        }

        /**
         * {@return the number of the first pattern that matches the name if it is below {@code before}; else {@code
         * before}}
         */
        int first(String name, Function<Integer, String> end, int before) {
            int first = before;
            for (var sameLength : byLength.entrySet()) {
                if (sameLength.getKey() > name.length()) {
                    continue;
                }
                var patterns = sameLength.getValue().getOrDefault(end.apply(sameLength.getKey()), List.of());
                for (var pattern : patterns) {
                    if (pattern.number() >= first) {
                        break; // they are in ascending order
                    }
                    if (pattern.glob().matches(name)) {
                        first = pattern.number();
                    }
                }
            }
            return first;
        }
    }

    private final Map<String, Integer> names = new HashMap<>();
    private final Ends prefixes = new Ends();
    private final Ends suffixes = new Ends();
    private final AtomicReferenceArray<Answer> answers; // of length 0 if the index is empty

    /**
     * Make an index.
     *
     * @param globs the lists in their order; all entries of a list share its position as their number
     */
    GlobIndex(List<List<Glob>> globs) {
        for (int number = 0; number < globs.size(); number++) {
            for (var glob : globs.get(number)) {
                add(new Numbered(glob, number));
            }
        }
        answers = new AtomicReferenceArray<>(globs.isEmpty() ? 0 : ANSWERS);
    }

    private void add(Numbered one) {
        var pattern = one.glob().pattern();
        int star = pattern.indexOf('*');
        if (star < 0) {
            names.putIfAbsent(pattern, one.number());
            return;
        }
        var prefix = pattern.substring(0, star);
        var suffix = pattern.substring(pattern.lastIndexOf('*') + 1);
        if (prefix.length() >= suffix.length()) {
            prefixes.add(prefix, one);
        } else {
            suffixes.add(suffix, one);
        }
    }

    /** {@return the number of the first entry that matches the name, or {@link #NONE}} */
    int first(String name) {
        if (answers.length() == 0) {
            return NONE;
        }
        int place = name.hashCode() & ANSWERS - 1;
        var known = answers.get(place);
        if (known != null && known.name().equals(name)) {
            return known.number();
        }
        int first = names.getOrDefault(name, NONE);
        first = prefixes.first(name, length -> name.substring(0, length), first);
        first = suffixes.first(name, length -> name.substring(name.length() - length), first);
        answers.set(place, new Answer(name, first));
        return first;
    }
}
