package dev.socketforwarder.runtime.config;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.config.Origin.Source;
import dev.socketforwarder.runtime.config.Setting.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * One reading of the {@link Sources}: it records which keys were read, and which values are in force. Used by one thread.
 */
public final class Configuration {

    /**
     * A value in force.
     *
     * @param values the text, or the elements of a list; masked if secret
     * @param origin where the value came from; also names the key if the value was inherited
     */
    public record InForce(String key, List<String> values, boolean isList, Origin origin) {}

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,4}");

    private final Sources sources;
    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> knownElsewhere = new LinkedHashSet<>();
    private final Set<String> misplaced = new LinkedHashSet<>();
    private final Map<String, InForce> inForce = new LinkedHashMap<>();
    private final Set<String> warnings = new LinkedHashSet<>(); // one line each
    private final Map<String, String> secrets = new HashMap<>(); // what was read from files, by the keys that name them
    private Set<String> reads = new HashSet<>(); // where keys are noted that are read

    /** Begin a reading that has read nothing yet. */
    public Configuration(Sources sources) {
        this.sources = sources;
        known.addAll(Keys.INHERITED);
        known.addAll(Keys.PROCESS);
        known.add(Keys.TRANSPORTS);
        known.add(Keys.GROUPS);
        known.add(Keys.PLUGINS);
        known.add(Keys.ADMIN);
    }

    /** {@return what is read} */
    public Sources sources() {
        return sources;
    }

    /** {@return the settings of the process} */
    public SettingsView topLevel() {
        return new SettingsView(this, "");
    }

    /** {@return the settings of one entry under {@code groups:}, for one endpoint} */
    public SettingsView group(String name, SettingsView ofEndpoint) {
        return new GroupSettings(this, Keys.ofGroup(name, ""), ofEndpoint);
    }

    /**
     * {@return the names under {@code groups:}, in the order of their first mention}
     *
     * @throws SettingException if what should be a map is not
     */
    public Set<String> groupNames() {
        requireMap(Keys.GROUPS);
        var names = new LinkedHashSet<String>();
        for (var key : sources.keys()) {
            if (key.startsWith(Keys.GROUPS + ".")) {
                var words = key.split("\\.");
                names.add(words[1]);
            }
        }
        for (var name : names) {
            var map = Keys.GROUPS + "." + name;
            requireMap(map);
            known.add(map);
            known.add(Keys.ofGroup(name, Keys.MATCH));
            Keys.OF_GROUPS.forEach(key -> known.add(Keys.ofGroup(name, key)));
        }
        return names;
    }

    /** {@return the settings of one endpoint} */
    public SettingsView endpoint(String name) {
        return new SettingsView(this, Keys.ofEndpoint(name, ""));
    }

    /**
     * {@return the names of the endpoints that any source mentions, in order}
     *
     * @throws SettingException if a name is a key of the top level, or what should be a map is not
     */
    public Set<String> endpointNames() {
        requireMap(Keys.TRANSPORTS);
        var names = new LinkedHashSet<String>();
        for (var key : sources.keys()) {
            if (!key.startsWith(Keys.TRANSPORTS + ".")) {
                continue;
            }
            int start = Keys.TRANSPORTS.length() + 1;
            int end = key.indexOf('.', start);
            var name = end < 0 ? key.substring(start) : key.substring(start, end);
            var place = sources.placeOf(key).place();
            if (Keys.isTopLevel(name)) {
                throw new SettingException(place + ": " + Keys.TRANSPORTS + "." + name
                        + " cannot be an endpoint, since " + name + " is a key of the top level; choose another name");
            }
            if (end < 0) {
                requireMap(key);
            }
            if (names.add(name)) {
                known.add(Keys.TRANSPORTS + "." + name);
            }
        }
        return names;
    }

    /**
     * {@return what the configuration asks for beyond these transports and policies: types of endpoints, policies, and keys of
     * variables that may belong to an endpoint of another type}
     */
    public Set<String> asksBeyond(Set<String> transports, Set<String> policies) {
        var asked = new LinkedHashSet<String>();
        for (var name : endpointNames()) {
            asked.add(text(Keys.ofEndpoint(name, Keys.TYPE)).orElse(name));
            find(Keys.ofEndpoint(name, Keys.HANDSHAKE))
                    .ifPresent(named -> named.elements().forEach(item -> asked.add(item.text())));
        }
        asked.removeAll(transports);
        asked.removeAll(policies);
        for (var ofKey : sources.all()) {
            var strongest = ofKey.getLast();
            var key = strongest.key();
            boolean isVariable = strongest.origin().source() == Source.ENVIRONMENT;
            if (isVariable && key.indexOf('.') < 0 && !Keys.isTopLevel(key)) {
                asked.add(key);
            }
        }
        return asked;
    }

    private Optional<String> text(String key) {
        return find(key).filter(setting -> setting.shape() == Shape.TEXT).map(Setting::text);
    }

    /** {@return where an endpoint is first mentioned} */
    public String placeOfEndpoint(String name) {
        return sources.placeOfMap(Keys.TRANSPORTS + "." + name).place();
    }

    /**
     * Check that a key is a map in each source that has it.
     *
     * @throws SettingException if a source has something else
     */
    void requireMap(String key) {
        require(key, Shape.MAP, "a map of keys with values");
    }

    private void require(String key, Shape shape, String allowed) {
        known.add(key);
        for (var setting : sources.of(key)) {
            boolean isEmptyList =
                    setting.shape() == Shape.LIST && setting.items().isEmpty();
            boolean isEmpty = setting.shape() == Shape.EMPTY || shape == Shape.MAPS && isEmptyList;
            if (setting.shape() != shape && !isEmpty) {
                throw new SettingException(setting.origin().place() + ": " + key + " is " + setting.shownShape()
                        + ", but must be " + allowed
                        + Keys.example(key)
                                .map(example -> ", as in \"" + example + '"')
                                .orElse("")
                        + faultOf(setting));
            }
        }
    }

    /** {@return what keeps a text of the file from being a map} */
    private static String faultOf(Setting setting) {
        if (setting.shape() != Shape.TEXT || setting.isSplit()) {
            return "";
        }
        var text = setting.items().getFirst();
        if (text.origin().equals(setting.origin())) {
            return isNamedFreely(setting.key()) ? misplaced(Keys.lastWord(setting.key()), text.text()) : "";
        }
        return text.text()
                .lines()
                .findFirst()
                .flatMap(YamlMistake::faultOf)
                .map(fault -> ": " + fault + " (" + text.origin().place() + ")")
                .orElse("");
    }

    /** {@return whether the user chose the name of this map, so that a key of another map may have slipped here} */
    private static boolean isNamedFreely(String key) {
        var above = key.substring(0, Math.max(0, key.lastIndexOf('.')));
        return above.equals(Keys.TRANSPORTS) || above.equals(Keys.GROUPS);
    }

    private static String misplaced(String name, String value) {
        boolean isPort = NUMBER.matcher(value).matches() && !name.contains("port");
        return isPort
                ? "; write \"" + name + ": {port: " + value + "}\""
                : "; if it belongs to the map above, indent it";
    }

    /**
     * {@return where each element of a list of maps begins, by its number; several sources may add elements}
     *
     * @throws SettingException if the key is something else
     */
    SortedMap<Integer, Origin> elements(String key) {
        require(key, Shape.MAPS, "a list of maps of keys with values");
        var elements = new TreeMap<Integer, Origin>();
        for (var each : sources.keys()) {
            if (each.startsWith(key + ".")) {
                var number = each.substring(key.length() + 1).split("\\.")[0];
                if (NUMBER.matcher(number).matches()) {
                    elements.putIfAbsent(Integer.valueOf(number), sources.placeOf(each));
                }
            }
        }
        elements.keySet().forEach(number -> requireMap(key + "." + number));
        return elements;
    }

    /** {@return the setting of the strongest source; marks the key as known} */
    public Optional<Setting> find(String key) {
        known.add(key);
        return sources.strongest(key);
    }

    /** Have {@code reader} read, and note in {@code into} which keys it reads. */
    <T> T noting(Set<String> into, Supplier<T> reader) {
        var before = reads;
        reads = into;
        try {
            return reader.get();
        } finally {
            reads = before;
        }
    }

    /** Record a secret that was read from the file that a key names. */
    void useSecret(String key, String secret) {
        secrets.put(key, secret);
    }

    /** {@return where another configuration differs from this one, in the order of the other; both must have been read} */
    public List<Change> changesTo(Configuration other) {
        var keys = new LinkedHashSet<>(other.inForce.keySet());
        keys.addAll(inForce.keySet());
        return keys.stream()
                .filter(key -> !isSame(inForce.get(key), other.inForce.get(key))
                        || !Objects.equals(secrets.get(key), other.secrets.get(key)))
                .map(key -> new Change(key, inForce(key), other.inForce(key)))
                .toList();
    }

    private static boolean isSame(InForce one, InForce other) {
        return one == null || other == null ? one == other : one.values().equals(other.values());
    }

    /** Record a value that a reader got. */
    void use(String key, Origin origin, List<String> values, boolean isList) {
        known.add(key);
        reads.add(key);
        var shown = values.stream()
                .map(value -> Secrets.hides(key, value) ? Secrets.MASK : value)
                .toList();
        boolean isHidden =
                Secrets.isSecret(key) && (isList || shown.contains(Secrets.MASK)); // not even how many there are
        inForce.put(key, new InForce(key, isHidden ? List.of(Secrets.MASK) : shown, isList, origin));
    }

    /** Remember the keys that {@code other} knows, which are unknown here but may be what a user meant. */
    public void suggest(Configuration other) {
        knownElsewhere.addAll(other.known);
    }

    /** {@return whether anybody has read this key} */
    public boolean knows(String key) {
        return known.contains(key);
    }

    /** Note a key that is known but must not be set. */
    void misplace(String key) {
        misplaced.add(key);
    }

    /** Note that nobody heeds what was read under a key. */
    void disregard(String key) {
        inForce.remove(key);
    }

    /** {@return where a map begins} */
    public Origin placeOf(String key) {
        return sources.placeOf(key);
    }

    /** Warn of a value that is allowed but probably a mistake, in one line that begins with the place of the value. */
    public void warn(String line) {
        warnings.add(line);
    }

    /** {@return one line for each such value} */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** {@return whether any source has this key, or a key of the map that it is} */
    boolean mentions(String key) {
        return sources.mentions(key);
    }

    /** {@return whether any source has this key, or a key of the map that it is, for any endpoint} */
    public boolean mentionsInEndpoints(String key) {
        return sources.mentionsInEndpoints(key);
    }

    /** {@return the values that were read so far} */
    public Collection<InForce> inForce() {
        return List.copyOf(inForce.values());
    }

    /** {@return the value in force under a key; empty if nobody has read it} */
    public Optional<InForce> inForce(String key) {
        return Optional.ofNullable(inForce.get(key));
    }

    private UnknownKeys unknownKeys() {
        var accepted = new LinkedHashSet<>(known);
        accepted.removeAll(misplaced);
        return new UnknownKeys(accepted, knownElsewhere);
    }

    /**
     * Check that no source has a key that nobody has read so far and that begins so. For a reader which misses a key, since that key
     * may be misspelt.
     *
     * @throws SettingException with the first such key
     */
    void requireKnown(String prefix) {
        sources.all().stream()
                .flatMap(List::stream)
                .filter(setting -> setting.key().startsWith(prefix) && !known.contains(setting.key()))
                .findFirst()
                .ifPresent(setting -> {
                    throw new SettingException(unknownKeys().required(setting));
                });
    }

    /** Check for keys that nobody reads, as {@link #unread(Function)} does, without explanations. */
    public List<String> unread() {
        return unread(_ -> Optional.empty());
    }

    /**
     * Check that the file and the command line have no key that nobody reads. Call when everything was read.
     *
     * @param explain tells why nobody reads a key that somebody could read; empty if it is simply unknown
     * @return one warning for each such variable of the environment, which other programs use too
     * @throws SettingException with the first such key
     */
    public List<String> unread(Function<String, Optional<String>> explain) {
        var told = new ArrayList<String>();
        var unknown = unknownKeys();
        for (var ofKey : sources.all()) {
            for (var setting : ofKey) {
                if (known.contains(setting.key())) {
                    continue;
                }
                var why = explain.apply(setting.key());
                if (setting.origin().source() != Source.ENVIRONMENT) {
                    throw new SettingException(
                            why.map(each -> setting.origin().place() + ": " + setting.key() + " does nothing: " + each)
                                    .orElseGet(() -> unknown.key(setting)));
                }
                told.add(why.map(each -> setting.origin().place() + " is ignored: " + each)
                        .orElseGet(() -> unknown.variable(setting)));
            }
        }
        return told;
    }
}
