package dev.socketforwarder.runtime.config;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Setting.Shape;
import dev.socketforwarder.runtime.text.Values;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Reads one part of the configuration: the top level, an endpoint, or a section. */
public class SettingsView implements Settings {
    private static final int LONGEST_TEXT = 4_096;
    private static final int LONGEST_LIST = 10_000;

    private final Configuration configuration;
    private final String prefix;
    private final Origin ownOrigin;
    private final Map<String, Setting> implied = new HashMap<>();

    public SettingsView(Configuration configuration, String prefix) {
        this(configuration, prefix, Origin.DEFAULT);
    }

    /** Make a view of a part that begins at {@code ownOrigin}, which messages about missing keys name. */
    public SettingsView(Configuration configuration, String prefix, Origin ownOrigin) {
        this.configuration = configuration;
        this.prefix = prefix;
        this.ownOrigin = ownOrigin;
    }

    @Override
    public String text(String key, String fallback) {
        var allowed = "a text of at most " + LONGEST_TEXT + " characters";
        return read(
                key,
                fallback,
                Function.identity(),
                setting -> Optional.of(text(setting, allowed))
                        .filter(text -> text.length() <= LONGEST_TEXT)
                        .orElseThrow(() -> wrong(setting, allowed)));
    }

    @Override
    public boolean flag(String key, boolean fallback) {
        var allowed = "true or false";
        return read(
                key,
                fallback,
                flag -> Boolean.toString(flag),
                setting -> Values.flag(text(setting, allowed)).orElseThrow(() -> wrong(setting, allowed)));
    }

    @Override
    public int number(String key, int fallback, int min, int max) {
        var allowed = "a whole number from " + min + " to " + max;
        return read(key, fallback, number -> Integer.toString(number), setting -> (int)
                inRange(Values.number(text(setting, allowed)), min, max).orElseThrow(() -> wrong(setting, allowed)));
    }

    @Override
    public int required(String key, int min, int max) {
        if (find(key).isEmpty()) {
            throw new MissingSettingException(prefix + key);
        }
        return number(key, min, min, max);
    }

    @Override
    public String requiredText(String key) {
        var text = text(key, "");
        if (text.isEmpty()) {
            throw new MissingSettingException(prefix + key);
        }
        return text;
    }

    @Override
    public long size(String key, long fallback, long min, long max) {
        var allowed = "a number of bytes from " + Values.shown(min) + " to " + Values.shown(max)
                + ", as in 65536, 64KiB, 1.5MiB or 1MB";
        return read(
                key,
                fallback,
                size -> Values.shown((long) size),
                setting -> inRange(Values.size(text(setting, allowed)), min, max)
                        .orElseThrow(() -> wrong(setting, allowed)));
    }

    private static OptionalLong inRange(OptionalLong value, long min, long max) {
        return value.isPresent() && value.getAsLong() >= min && value.getAsLong() <= max ? value : OptionalLong.empty();
    }

    @Override
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        var allowed = "a time from " + Values.shown(min) + " to " + Values.shown(max) + ", as in 500ms, 5s, 2m or 1d";
        return read(
                key,
                fallback,
                time -> Values.shown(time),
                setting -> Values.duration(text(setting, allowed))
                        .filter(time -> time.compareTo(min) >= 0 && time.compareTo(max) <= 0)
                        .orElseThrow(() -> wrong(setting, allowed)));
    }

    @Override
    public <E extends Enum<E>> E choice(String key, E fallback) {
        var constants = fallback.getDeclaringClass().getEnumConstants();
        var allowed = Arrays.stream(constants).map(Values::label).collect(Collectors.joining(" or "));
        return read(key, fallback, Values::label, setting -> {
            var label = text(setting, allowed).strip();
            return Arrays.stream(constants)
                    .filter(constant -> Values.label(constant).equals(label))
                    .findFirst()
                    .orElseThrow(() -> wrong(setting, allowed));
        });
    }

    @Override
    public List<String> list(String key, List<String> fallback) {
        var found = find(key);
        var value = found.map(SettingsView::texts).orElse(fallback);
        use(key, found.map(setting -> origin(key, setting)).orElse(Origin.DEFAULT), value, true);
        return value;
    }

    private static List<String> texts(Setting setting) {
        var texts = setting.elements().stream().map(Setting.Item::text).toList();
        boolean isList = setting.shape() == Shape.LIST || setting.shape() == Shape.TEXT;
        if (!isList || texts.size() > LONGEST_LIST || texts.stream().anyMatch(text -> text.length() > LONGEST_TEXT)) {
            throw wrong(
                    setting,
                    "a text or a list of texts, at most " + LONGEST_LIST + " of at most " + LONGEST_TEXT
                            + " characters each");
        }
        return texts;
    }

    @Override
    public SettingsView section(String key) {
        configuration.requireMap(prefix + key);
        return new SettingsView(configuration, prefix + key + ".", configuration.placeOf(prefix + key));
    }

    @Override
    public List<Settings> sections(String key) {
        var sections = new ArrayList<Settings>();
        configuration.elements(prefix + key).forEach((number, origin) -> {
            sections.add(new SettingsView(configuration, prefix + key + "." + number + ".", origin));
        });
        return sections;
    }

    @Override
    public Optional<String> secret(String key) {
        var own = configuration.find(prefix + key);
        var ownFile = configuration.find(prefix + key + Keys.SECRET_FILE);
        boolean inherits = own.isEmpty() && ownFile.isEmpty() && Keys.INHERITED.contains(key);
        var direct = inherits ? configuration.find(key) : own;
        var file = inherits ? configuration.find(key + Keys.SECRET_FILE) : ownFile;
        if (direct.isPresent()) {
            configuration.use(prefix + key, origin(key, direct.get()), List.of(Secrets.MASK), false);
            return Optional.of(SecretSource.ofEnvironment(direct.get(), file));
        }
        return file.map(setting -> {
            var name = text(key + Keys.SECRET_FILE, "");
            warnIfPublic(key + Keys.SECRET_FILE, name);
            var secret = SecretSource.ofFile(setting, name);
            configuration.useSecret(prefix + key + Keys.SECRET_FILE, secret);
            return secret;
        });
    }

    @Override
    public SettingException invalid(String key, String value, String allowed) {
        var file = Secrets.isSecret(key) ? find(key + Keys.SECRET_FILE) : Optional.<Setting>empty();
        var found = find(key).or(() -> file);
        var place = found.map(setting -> setting.elements().stream()
                        .filter(element -> element.text().equals(value))
                        .findFirst()
                        .map(Setting.Item::origin)
                        .orElse(setting.origin()))
                .orElse(ownOrigin);
        var inForce = found.map(Setting::key).orElse(prefix + key);
        var text = found.equals(file) ? found.map(Setting::text).orElse(value) : value;
        return new SettingException((place == Origin.DEFAULT ? "" : place.place() + ": ") + inForce + " is "
                + Secrets.shown(inForce, text) + ", but must be " + allowed + listHint(key, found, value));
    }

    /** {@return how to write several elements, if a text of the file looks as if it were meant so} */
    private String listHint(String key, Optional<Setting> found, String value) {
        boolean isList =
                configuration.inForce(prefix + key).filter(InForce::isList).isPresent();
        boolean isText = found.filter(setting -> setting.shape() == Shape.TEXT && !setting.isSplit())
                .isPresent();
        return isList && isText && value.indexOf(',') >= 0 ? "; in the file a list has brackets: [a, b]" : "";
    }

    /**
     * Let a key have this value unless a source has one.
     *
     * @param why as a person would look for the reason
     */
    public final void imply(String key, String value, String why) {
        implied.put(key, Setting.text(prefix + key, value, Origin.implied(why)));
    }

    /** Have {@code reader} read this configuration, and note in {@code into} which keys it reads. */
    public final <T> T noting(Set<String> into, Supplier<T> reader) {
        return configuration.noting(into, reader);
    }

    /** Warn of a value that is allowed but probably a mistake. */
    public final void warn(String key, String value, String why) {
        var found = find(key);
        var inForce = found.map(Setting::key).orElse(prefix + key);
        var origin = found.map(Setting::origin).orElse(ownOrigin);
        var place = origin == Origin.DEFAULT ? "" : origin.place() + ": ";
        configuration.warn(place + inForce + " is " + Secrets.shown(inForce, value) + ", " + why);
    }

    /** {@return whether any source sets this key in this part, or a key of the map that it is; does not mark it as known} */
    public final boolean has(String key) {
        return configuration.mentions(prefix + key);
    }

    @Override
    public final boolean isThere() {
        return configuration.mentions(prefix.substring(0, Math.max(0, prefix.length() - 1)));
    }

    /** Warn of a file with a secret that every user of this machine may read. */
    public final void warnIfPublic(String key, String name) {
        if (SecretSource.isPublic(name)) {
            warn(key, name, "a file that every user of this machine may read; remove that permission (chmod o-r)");
        }
    }

    /** {@return a complaint about a key that is missing here, or about one that nobody knows and that may be the same key, misspelt} */
    public final SettingException missing(String key, String allowed) {
        configuration.requireKnown(prefix);
        return invalid(key, "", allowed);
    }

    /** {@return the value of this part, or else the inherited value} */
    public Optional<Setting> find(String key) {
        var own = configuration.find(prefix + key);
        var found =
                own.isPresent() || prefix.isEmpty() || !Keys.INHERITED.contains(key) ? own : configuration.find(key);
        return found.or(() -> Optional.ofNullable(implied.get(key)));
    }

    public final Optional<Setting> findOwn(String key) {
        return configuration.find(prefix + key);
    }

    /** {@return the value of this part for a key that must not be set here, so that nobody is told to set it} */
    public final Optional<Setting> findMisplaced(String key) {
        configuration.misplace(prefix + key);
        return findOwn(key);
    }

    /** Let no value of this part be in force under a key that was read, whether it is this part's own or an inherited one. */
    public final void disregard(String key) {
        configuration.disregard(prefix + key);
    }

    /** Read a single value, and record it. */
    private <T> T read(String key, T fallback, Function<T, String> shown, Function<Setting, T> parsed) {
        var found = find(key);
        var value = found.map(parsed).orElse(fallback);
        var origin = found.map(setting -> origin(key, setting)).orElse(Origin.DEFAULT);
        use(key, origin, List.of(shown.apply(value)), false);
        return value;
    }

    /** Record the value in force. */
    void use(String key, Origin origin, List<String> values, boolean isList) {
        configuration.use(prefix + key, origin, values, isList);
    }

    /** {@return the origin of the value, which also names the key if the value is inherited} */
    private Origin origin(String key, Setting setting) {
        var origin = setting.origin();
        return setting.key().equals(prefix + key)
                ? origin
                : new Origin(origin.source(), setting.key() + ", " + origin.place());
    }

    private static String text(Setting setting, String allowed) {
        if (setting.shape() != Shape.TEXT) {
            throw wrong(setting, allowed);
        }
        return setting.text();
    }

    private static SettingException wrong(Setting setting, String allowed) {
        return new SettingException(setting.origin().place() + ": " + setting.key() + " is " + setting.shown()
                + ", but must be " + allowed);
    }
}
