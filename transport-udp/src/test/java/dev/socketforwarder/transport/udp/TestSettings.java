package dev.socketforwarder.transport.udp;

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

/** Settings out of a map from keys to texts. */
final class TestSettings implements Settings {
    private final Map<String, String> values = new HashMap<>();

    TestSettings set(String key, Object value) {
        values.put(key, value.toString());
        return this;
    }

    @Override
    public String text(String key, String fallback) {
        return values.getOrDefault(key, fallback);
    }

    @Override
    public boolean flag(String key, boolean fallback) {
        return values.containsKey(key) ? Boolean.parseBoolean(values.get(key)) : fallback;
    }

    @Override
    public int number(String key, int fallback, int min, int max) {
        return (int) size(key, fallback, min, max);
    }

    @Override
    public int required(String key, int min, int max) {
        if (!values.containsKey(key)) {
            throw new MissingSettingException(key);
        }
        return number(key, 0, min, max);
    }

    @Override
    public long size(String key, long fallback, long min, long max) {
        if (!values.containsKey(key)) {
            return fallback;
        }
        long value = Long.parseLong(values.get(key));
        if (value < min || value > max) {
            throw invalid(key, values.get(key), min + " to " + max);
        }
        return value;
    }

    @Override
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        if (!values.containsKey(key)) {
            return fallback;
        }
        var value = Duration.parse("PT" + values.get(key));
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw invalid(key, values.get(key), min + " to " + max);
        }
        return value;
    }

    @Override
    public <E extends Enum<E>> E choice(String key, E fallback) {
        return values.containsKey(key)
                ? Enum.valueOf(fallback.getDeclaringClass(), values.get(key).toUpperCase(Locale.ROOT))
                : fallback;
    }

    @Override
    public List<String> list(String key, List<String> fallback) {
        return values.containsKey(key)
                ? Arrays.stream(values.get(key).split(","))
                        .filter(element -> !element.isEmpty())
                        .toList()
                : fallback;
    }

    @Override
    public Settings section(String key) {
        throw new UnsupportedOperationException(key);
    }

    @Override
    public Optional<String> secret(String key) {
        return Optional.ofNullable(values.get(key));
    }

    @Override
    public SettingException invalid(String key, String value, String allowed) {
        return new SettingException(key + ": " + value + ", allowed: " + allowed);
    }
}
