package dev.socketforwarder.testkit;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

/**
 * Reads settings from a map. A value is either a text as in the configuration ({@code "64KiB"}, {@code "5s"}, {@code "a,b"}), or an
 * object of the requested type: a number, a flag, a {@link Duration}, a list, a map, or a list of maps.
 */
public class MapSettings implements Settings {
    // These patterns are those of the runtime, without further spellings that a configuration may have, such as 1MB or
    // 1h30m. A
    // test of the runtime requires equal answers from both.
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18}) ?(b|kib|mib|gib)?");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9}) ?(ms|s|m|h)?");
    private static final int LONGEST_TEXT = 4_096;

    private final Map<String, Object> values;
    private final Set<String> read = new ConcurrentSkipListSet<>();
    private final boolean isThere;

    /**
     * Make settings from a map.
     *
     * @param values the value of each key
     */
    public MapSettings(Map<String, ?> values) {
        this(values, true);
    }

    private MapSettings(Map<String, ?> values, boolean isThere) {
        this.values = new HashMap<>(values);
        this.isThere = isThere;
    }

    /**
     * Set a value. Call this before the settings are read.
     *
     * @param key lower-case words with dashes
     * @param value a text, or an object of the requested type
     * @return these settings
     */
    public MapSettings set(String key, Object value) {
        values.put(key, value);
        return this;
    }

    /**
     * {@return the keys that have never been read}
     */
    public Set<String> unread() {
        var keys = new TreeSet<String>(values.keySet());
        keys.removeAll(read);
        return keys;
    }

    private Optional<Object> find(String key) {
        read.add(key);
        return Optional.ofNullable(values.get(key));
    }

    @Override
    public String text(String key, String fallback) {
        return find(key).map(Object::toString).map(text -> bounded(key, text)).orElse(fallback);
    }

    private String bounded(String key, String text) {
        if (text.length() > LONGEST_TEXT) {
            throw invalid(key, text, "at most " + LONGEST_TEXT + " characters");
        }
        return text;
    }

    @Override
    public boolean flag(String key, boolean fallback) {
        return find(key)
                .map(value -> switch (word(value)) {
                    case "true", "yes", "on", "1" -> true;
                    case "false", "no", "off", "0" -> false;
                    default -> throw invalid(key, value.toString(), "true or false");
                })
                .orElse(fallback);
    }

    @Override
    public int number(String key, int fallback, int min, int max) {
        return Math.toIntExact(find(key)
                .map(value -> whole(key, value.toString().strip(), 0, min, max))
                .orElse((long) fallback));
    }

    @Override
    public String requiredText(String key) {
        var text = text(key, "");
        if (text.isEmpty()) {
            throw new MissingSettingException(key);
        }
        return text;
    }

    @Override
    public int required(String key, int min, int max) {
        if (find(key).isEmpty()) {
            throw new MissingSettingException(key);
        }
        return number(key, min, min, max);
    }

    @Override
    public long size(String key, long fallback, long min, long max) {
        return find(key).map(value -> size(key, value.toString(), min, max)).orElse(fallback);
    }

    private long size(String key, String text, long min, long max) {
        var size = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw invalid(key, text, min + " to " + max);
        }
        int shift = switch (size.group(2)) {
            case "kib" -> 10;
            case "mib" -> 20;
            case "gib" -> 30;
            case null, default -> 0;
        };
        return whole(key, size.group(1), shift, min, max);
    }

    private long whole(String key, String digits, int shift, long min, long max) {
        var allowed = min + " to " + max;
        try {
            long value =
                    Math.multiplyExact(Long.parseLong(NUMBER.matcher(digits).matches() ? digits : ""), 1L << shift);
            if (value < min || value > max) {
                throw invalid(key, digits, allowed);
            }
            return value;
        } catch (ArithmeticException | NumberFormatException _) {
            throw invalid(key, digits, allowed);
        }
    }

    @Override
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        var value = find(key)
                .map(found -> found instanceof Duration given ? given : parse(key, found.toString()))
                .orElse(fallback);
        if (value != fallback && (value.compareTo(min) < 0 || value.compareTo(max) > 0)) {
            throw invalid(key, value.toString(), min + " to " + max);
        }
        return value;
    }

    private Duration parse(String key, String text) {
        var time = TIME.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!time.matches()) {
            throw invalid(key, text, "a time, as 500ms, 5s or 2m");
        }
        long count = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case null, default -> Duration.ofSeconds(count);
        };
    }

    @Override
    public <E extends Enum<E>> E choice(String key, E fallback) {
        var constants = fallback.getDeclaringClass().getEnumConstants();
        return find(key)
                .map(value -> Arrays.stream(constants)
                        .filter(constant ->
                                word(constant).equals(value.toString().strip()) || constant == value)
                        .findFirst()
                        .orElseThrow(() -> invalid(key, value.toString(), Arrays.toString(constants))))
                .orElse(fallback);
    }

    private static String word(Object flag) {
        return flag.toString().strip().toLowerCase(Locale.ROOT);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public List<String> list(String key, List<String> fallback) {
        return find(key)
                .map(value -> value instanceof List<?> elements
                        ? elements.stream().map(Object::toString).toList()
                        : Arrays.stream(value.toString().split(","))
                                .map(String::strip)
                                .filter(element -> !element.isEmpty())
                                .map(element -> bounded(key, element))
                                .toList())
                .orElse(fallback);
    }

    @Override
    public Settings section(String key) {
        return find(key).map(value -> section(key, value)).orElseGet(() -> new MapSettings(Map.of(), false));
    }

    @Override
    public boolean isThere() {
        return isThere;
    }

    @Override
    public List<Settings> sections(String key) {
        return find(key)
                .map(value -> {
                    if (value instanceof List<?> elements) {
                        return elements.stream()
                                .<Settings>map(element -> section(key, element))
                                .toList();
                    }
                    throw invalid(key, value.toString(), "a list of maps");
                })
                .orElse(List.of());
    }

    @SuppressWarnings("unchecked") // the keys of settings in a test are strings
    private MapSettings section(String key, Object value) {
        if (value instanceof Map<?, ?> map) {
            return new MapSettings((Map<String, ?>) map);
        }
        throw invalid(key, value.toString(), "a map");
    }

    @Override
    public Optional<String> secret(String key) {
        return find(key).map(Object::toString);
    }

    @Override
    public SettingException invalid(String key, String value, String allowed) {
        return new SettingException(key + ": \"" + value + "\" is wrong; allowed: " + allowed);
    }
}
