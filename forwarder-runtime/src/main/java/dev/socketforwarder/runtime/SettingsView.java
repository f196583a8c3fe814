package dev.socketforwarder.runtime;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.Setting.Shape;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** One part of the configuration, as its reader sees it: an endpoint's, or the top level. */
class SettingsView implements Settings {
    private static final int LONGEST_TEXT = 4_096;
    private static final int LONGEST_LIST = 10_000;

    private final Configuration configuration;
    private final String prefix;

    SettingsView(Configuration configuration, String prefix) {
        this.configuration = configuration;
        this.prefix = prefix;
    }

    @Override
    public String text(String key, String fallback) {
        var found = find(key);
        var allowed = "a text of at most " + LONGEST_TEXT + " characters";
        var value = found.map(setting -> {
            requireText(setting, allowed);
            if (setting.text().length() > LONGEST_TEXT) {
                throw wrong(setting, allowed);
            }
            return setting.text();
        });
        return used(key, found, value, fallback, value.orElse(fallback));
    }

    @Override
    public boolean flag(String key, boolean fallback) {
        var found = find(key);
        var value = found.map(setting -> {
            requireText(setting, "true or false");
            return Values.flag(setting.text()).orElseThrow(() -> wrong(setting, "true or false"));
        });
        return used(key, found, value, fallback, Boolean.toString(value.orElse(fallback)));
    }

    @Override
    public int number(String key, int fallback, int min, int max) {
        var found = find(key);
        var value = found.map(setting -> number(setting, min, max));
        return used(key, found, value, fallback, Integer.toString(value.orElse(fallback)));
    }

    @Override
    public int required(String key, int min, int max) {
        var found = find(key);
        var setting = found.orElseThrow(() -> new MissingSettingException(prefix + key));
        int value = number(setting, min, max);
        return used(key, found, Optional.of(value), value, Integer.toString(value));
    }

    private static int number(Setting setting, int min, int max) {
        var allowed = "a whole number from " + min + " to " + max;
        requireText(setting, allowed);
        return (int) Values.number(setting.text()).stream()
                .filter(number -> number >= min && number <= max)
                .findFirst()
                .orElseThrow(() -> wrong(setting, allowed));
    }

    @Override
    public long size(String key, long fallback, long min, long max) {
        var found = find(key);
        var allowed = "a number of bytes from " + Values.shown(min) + " to " + Values.shown(max)
                + ", as in 65536, 64KiB or 1MiB";
        var value = found.map(setting -> {
            requireText(setting, allowed);
            return Values.size(setting.text()).stream()
                    .filter(size -> size >= min && size <= max)
                    .boxed()
                    .findFirst()
                    .orElseThrow(() -> wrong(setting, allowed));
        });
        return used(key, found, value, fallback, Values.shown(value.orElse(fallback)));
    }

    @Override
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        var found = find(key);
        var allowed = "a time from " + Values.shown(min) + " to " + Values.shown(max) + ", as in 500ms, 5s or 2m";
        var value = found.map(setting -> {
            requireText(setting, allowed);
            return Values.duration(setting.text())
                    .filter(time -> time.compareTo(min) >= 0 && time.compareTo(max) <= 0)
                    .orElseThrow(() -> wrong(setting, allowed));
        });
        return used(key, found, value, fallback, Values.shown(value.orElse(fallback)));
    }

    @Override
    public <E extends Enum<E>> E choice(String key, E fallback) {
        var found = find(key);
        var constants = fallback.getDeclaringClass().getEnumConstants();
        var allowed = Arrays.stream(constants).map(Values::label).collect(Collectors.joining(" or "));
        var value = found.map(setting -> {
            requireText(setting, allowed);
            return Arrays.stream(constants)
                    .filter(constant ->
                            Values.label(constant).equals(setting.text().strip()))
                    .findFirst()
                    .orElseThrow(() -> wrong(setting, allowed));
        });
        return used(key, found, value, fallback, Values.label(value.orElse(fallback)));
    }

    @Override
    public List<String> list(String key, List<String> fallback) {
        var found = find(key);
        var allowed = "a text or a list of texts, at most " + LONGEST_LIST + " of at most " + LONGEST_TEXT
                + " characters each";
        var value = found.map(setting -> {
            if (setting.shape() == Shape.MAP || setting.shape() == Shape.EMPTY) {
                throw wrong(setting, allowed);
            }
            var elements = setting.elements().stream().map(Setting.Item::text).toList();
            if (elements.size() > LONGEST_LIST
                    || elements.stream().anyMatch(element -> element.length() > LONGEST_TEXT)) {
                throw wrong(setting, allowed);
            }
            return elements;
        });
        configuration.use(prefix + key, found, value.orElse(fallback), true);
        return value.orElse(fallback);
    }

    @Override
    public SettingException invalid(String key, String value, String allowed) {
        var found = find(key);
        var place = found.map(setting -> setting.elements().stream()
                        .filter(element -> element.text().equals(value))
                        .findFirst()
                        .map(Setting.Item::origin)
                        .orElse(setting.origin()))
                .orElse(Origin.DEFAULT);
        var inForce = found.map(Setting::key).orElse(prefix + key);
        var shown = Secrets.isSecret(key) ? Secrets.MASK : Printable.quoted(value);
        return new SettingException(place.place() + ": " + inForce + " is " + shown + ", but must be " + allowed);
    }

    /** {@return the endpoint's own value, or else the inherited one} */
    final Optional<Setting> find(String key) {
        var own = configuration.find(prefix + key);
        return own.isPresent() || prefix.isEmpty() || !Keys.INHERITED.contains(key) ? own : configuration.find(key);
    }

    private <T> T used(String key, Optional<Setting> found, Optional<T> value, T fallback, String shown) {
        configuration.use(prefix + key, found, List.of(shown), false);
        return value.orElse(fallback);
    }

    private static void requireText(Setting setting, String allowed) {
        if (setting.shape() != Shape.TEXT) {
            throw wrong(setting, allowed);
        }
    }

    private static SettingException wrong(Setting setting, String allowed) {
        return new SettingException(setting.origin().place() + ": " + setting.key() + " is " + setting.shown()
                + ", but must be " + allowed);
    }
}
