package dev.socketforwarder.runtime.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The settings of all sources, merged. Immutable: any number of {@link Configuration}s may read the same sources, one beside
 * another.
 */
public final class Sources {
    // By key, the settings of each key from the weakest source to the strongest.
    private final Map<String, List<Setting>> settings;

    /** Merge settings. Of two settings with the same key, the later one holds. */
    public Sources(Collection<Setting> fromWeakToStrong) {
        var merged = new LinkedHashMap<String, List<Setting>>();
        for (var setting : fromWeakToStrong) {
            merged.computeIfAbsent(setting.key(), _ -> new ArrayList<>()).add(setting);
        }
        merged.replaceAll((_, ofKey) -> List.copyOf(ofKey));
        settings = Collections.unmodifiableMap(merged); // keeps the order
    }

    /**
     * {@return these sources, but with what {@code other} says of the keys that match} A setting of an endpoint, or of an entry under
     * {@code groups:}, goes with the endpoint or the entry.
     */
    public Sources keeping(Sources other, Predicate<String> matching) {
        var kept = new ArrayList<Setting>();
        settings.forEach((key, ofKey) -> kept.addAll(matching.test(key) ? other.of(key) : ofKey));
        other.settings.forEach((key, ofKey) -> {
            if (matching.test(key) && !settings.containsKey(key) && hasMapOf(key)) {
                kept.addAll(ofKey);
            }
        });
        return new Sources(kept);
    }

    private boolean hasMapOf(String key) {
        boolean isNamed = key.startsWith(Keys.TRANSPORTS + ".") || key.startsWith(Keys.GROUPS + ".");
        return !isNamed || mentions(key.substring(0, key.lastIndexOf('.')));
    }

    /** {@return the matching keys that have another value in {@code other}} */
    public List<String> differences(Sources other, Predicate<String> matching) {
        return Stream.concat(settings.keySet().stream(), other.settings.keySet().stream())
                .distinct()
                .filter(matching)
                .filter(key -> !texts(key).equals(other.texts(key)))
                .toList();
    }

    private List<String> texts(String key) {
        return strongest(key).stream()
                .flatMap(setting -> setting.elements().stream())
                .map(Setting.Item::text)
                .toList();
    }

    /** {@return all keys, in the order of their first mention} */
    Set<String> keys() {
        return settings.keySet();
    }

    /** {@return the settings of all keys, by key, each from the weakest source to the strongest} */
    Collection<List<Setting>> all() {
        return settings.values();
    }

    /** {@return what each source says of this key, the weakest first; empty if none does} */
    List<Setting> of(String key) {
        return settings.getOrDefault(key, List.of());
    }

    /** {@return the setting of the strongest source} */
    Optional<Setting> strongest(String key) {
        return Optional.ofNullable(settings.get(key)).map(List::getLast);
    }

    /** {@return where the weakest source mentions this key; {@link Origin#DEFAULT} if none does} */
    Origin placeOf(String key) {
        return place(of(key).stream());
    }

    /** {@return where any source first mentions this key, or a key of the map that it is} */
    Origin placeOfMap(String key) {
        return place(settings.entrySet().stream()
                .filter(entry -> entry.getKey().equals(key) || entry.getKey().startsWith(key + "."))
                .map(entry -> entry.getValue().getFirst()));
    }

    private static Origin place(Stream<Setting> mentions) {
        return mentions.findFirst().map(Setting::origin).orElse(Origin.DEFAULT);
    }

    /** {@return whether any source has this key, or a key of the map that it is} */
    boolean mentions(String key) {
        return settings.containsKey(key) || settings.keySet().stream().anyMatch(each -> each.startsWith(key + "."));
    }

    /** {@return whether any source has this key, or a key of the map that it is, for any endpoint} */
    boolean mentionsInEndpoints(String key) {
        return settings.keySet().stream()
                .map(each -> each.split("\\."))
                .anyMatch(words -> words.length > 2 && words[0].equals(Keys.TRANSPORTS) && words[2].equals(key));
    }
}
