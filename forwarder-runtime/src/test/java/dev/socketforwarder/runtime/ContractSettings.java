package dev.socketforwarder.runtime;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Settings from a map of keys to texts, as a test writes them. */
public record ContractSettings(Map<String, String> values) implements Settings {

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
        return values.containsKey(key) ? Long.parseLong(values.get(key)) : fallback;
    }

    @Override
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        return values.containsKey(key) ? Duration.ofMillis(Long.parseLong(values.get(key))) : fallback;
    }

    @Override
    public <E extends Enum<E>> E choice(String key, E fallback) {
        return values.containsKey(key)
                ? Enum.valueOf(fallback.getDeclaringClass(), values.get(key).toUpperCase(Locale.ROOT))
                : fallback;
    }

    @Override
    public List<String> list(String key, List<String> fallback) {
        return values.containsKey(key) ? List.of(values.get(key).split(",")) : fallback;
    }

    @Override
    public Settings section(String key) {
        return new ContractSettings(Map.of());
    }

    @Override
    public SettingException invalid(String key, String value, String allowed) {
        return new SettingException(key + ": " + value + ", allowed: " + allowed);
    }
}
