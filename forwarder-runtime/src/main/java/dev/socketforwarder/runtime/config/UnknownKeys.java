package dev.socketforwarder.runtime.config;

import dev.socketforwarder.runtime.config.Origin.Source;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Spelling;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Suggests what a user may have meant by a key that nobody reads, or that cannot be a key.
 *
 * @param known all keys that may be set
 * @param ofOthers keys that transports would read which nobody configured
 */
record UnknownKeys(Set<String> known, Set<String> ofOthers) {
    private static final String PROGRAM = "socketforwarder";
    private static final String LIST = "\"socketforwarder config\" prints all known keys";
    private static final Set<String> FILES = Set.of("config", "config-file", "file");
    private static final int MOST = 3;
    private static final int MOST_WORDS = 8;

    /** A key and its value in a map in braces, which YAML takes for one key. */
    private static final Pattern WITHOUT_COLON = Pattern.compile("[a-z0-9-]+(\\s*=.*|\\s+[0-9].*)", Pattern.DOTALL);

    // How far a key is from the wrong one: the same thing, or some letters, or a word in common, or neither.
    private static final int SAME = 0;
    private static final int TYPO = 100;
    private static final int WORD_IN_COMMON = 1_000;

    /** What other programs call some keys, and what one transport calls the key of another. */
    private static final Map<String, String> ELSEWHERE_CALLED = Stream.of(
                    Map.entry("lease", "idle-timeout keepalive keep-alive timeout expiry ttl"),
                    Map.entry("idle-timeout", "lease keepalive keep-alive"),
                    Map.entry("host-address", "host address bind bind-address listen listen-address interface ip"),
                    Map.entry("debug", "verbose log-level loglevel"),
                    Map.entry("max-read-in-size", "buffer buffer-size read-buffer receive-buffer"),
                    Map.entry("allow", "whitelist allowlist allow-list"),
                    Map.entry("deny", "blacklist denylist deny-list block"),
                    Map.entry("tls", "ssl"),
                    Map.entry("certificate", "cert cert-file"),
                    Map.entry(
                            "preconfig-addresses", "group groups"), // what gives the members of a TCP endpoint a group
                    Map.entry("group", "groups"),
                    Map.entry("token-file", "password secret token"),
                    Map.entry("servers", "server port host url urls"),
                    Map.entry("key", "private-key key-file"),
                    Map.entry("handshake", "auth authentication policy policies token tokens"),
                    Map.entry("token-secret-file", "token secret password"),
                    Map.entry("event-loops", "threads workers"),
                    Map.entry("max-connections", "max-clients connections"),
                    Map.entry("transports", "endpoints listeners servers"))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    /** A key, and how far it is from the wrong one. */
    private record Near(String key, int distance) {}

    /**
     * {@return what to say of a text that cannot be a key}
     *
     * @param map the key of the map in which the text stands, with a dot behind it; empty at the top level
     */
    static String malformed(String map, String text) {
        var told = Printable.quoted(map + text) + " is not a key: ";
        boolean isGroup = map.equals(Keys.GROUPS + ".");
        if (WITHOUT_COLON.matcher(text).matches()) {
            return told + "a colon is missing behind the key, as in \"port: 6753\"";
        }
        var right = wellFormed(text);
        if (right.isEmpty()) {
            return told + "a key has lower-case letters and digits, with single dashes between them"
                    + (isGroup ? "; the pattern of groups stands in " + Keys.MATCH : "");
        }
        var key = ofFile(List.of(right.get().split("\\.")));
        if (key.size() > 1) {
            return told + "in a file each of its words stands in the map of the word before; write \""
                    + String.join(": {", key) + ": ..." + "}".repeat(key.size() - 1) + "\"";
        }
        return told + "write " + key.getFirst() + (isGroup ? ", and name the group with " + Keys.MATCH : "");
    }

    /** {@return the key that a text stands for which is none; empty if it stands for none} */
    static Optional<String> wellFormed(String text) {
        var words =
                Arrays.stream(text.split("\\.", -1)).map(UnknownKeys::spelled).toList();
        return Optional.of(words)
                .filter(all -> all.size() <= MOST_WORDS && all.stream().allMatch(Keys::isWord))
                .map(all -> String.join(".", all));
    }

    /** {@return the word without capitals, underscores and blanks, as another program may write them} */
    private static String spelled(String word) {
        return word.replaceAll("^[\\s\\p{Z}]+|[\\s\\p{Z}]+$", "")
                .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                .replaceAll("[_\\s\\p{Z}]+", "-")
                .toLowerCase(Locale.ROOT);
    }

    /** {@return the words of a key in the file, for those of a variable of the environment} */
    private static List<String> ofFile(List<String> words) {
        var own = words.size() > 1 && words.getFirst().equals(PROGRAM) ? words.subList(1, words.size()) : words;
        return own.size() == 1 || Keys.isTopLevel(own.getFirst())
                ? own
                : Stream.concat(Stream.of(Keys.TRANSPORTS), own.stream()).toList();
    }

    /** {@return what to say of a setting in the file or on the command line; its value could be anything, even a secret} */
    String key(Setting setting) {
        var key = setting.key();
        return setting.origin().place() + ": " + key + " is unknown"
                + outsideOfEnvironment().hint(key) + LIST;
    }

    /** {@return the same without the secrets that only the environment may hold} */
    private UnknownKeys outsideOfEnvironment() {
        return new UnknownKeys(
                known.stream()
                        .filter(key -> !known.contains(key + Keys.SECRET_FILE))
                        .collect(Collectors.toSet()),
                ofOthers);
    }

    private String hint(String wrong) {
        if (wrong.equals(PROGRAM)) {
            return ": leave it out, for its keys stand at the top level, and those of endpoints in " + Keys.TRANSPORTS
                    + "; ";
        }
        var moved = moved(wrong);
        if (moved.isPresent()) {
            return "; did you mean " + moved.get() + "? ";
        }
        if (wrong.startsWith(Keys.TRANSPORTS + ".") && Keys.isOfProcess(Keys.lastWord(wrong))) {
            return " here; did you mean " + Keys.lastWord(wrong) + " at the top level? ";
        }
        var beside = beside(wrong);
        var elsewhere = elsewhere(wrong);
        var parent = parent(wrong);
        if (!parent.isEmpty() && known.stream().noneMatch(key -> key.startsWith(parent))) {
            return ": " + parent.substring(0, parent.length() - 1) + " is not a map; ";
        }
        boolean isNear = !beside.isEmpty() && beside.getFirst().distance() <= 1;
        boolean isOfOther = !elsewhere.isEmpty() && parent.startsWith(Keys.TRANSPORTS + ".");
        var owner = isOfOther ? " here, although " + parentMap(elsewhere.getFirst()) + " has such a key" : "";
        if (!isNear && !isOfOther && !elsewhere.isEmpty()) {
            return "; did you mean " + oneOf(elsewhere) + "? ";
        }
        var keys = beside.stream().map(Near::key).toList();
        boolean isGuess = !keys.isEmpty() && beside.getFirst().distance() > WORD_IN_COMMON;
        return owner
                + (isGuess
                        ? "; the nearest keys: " + String.join(", ", keys) + "; "
                        : "; did you mean " + oneOf(keys) + "? ");
    }

    /** {@return the key in its right place, which the wrong one lacks or names the program for} */
    private Optional<String> moved(String wrong) {
        var words = Arrays.asList(wrong.split("\\."));
        var all = Stream.of(
                ofFile(words),
                Stream.concat(Stream.of(Keys.TRANSPORTS), words.stream()).toList());
        return all.map(each -> String.join(".", each))
                .filter(key -> !key.equals(wrong))
                .filter(key -> Stream.of(known, ofOthers)
                        .flatMap(Collection::stream)
                        .anyMatch(each -> each.equals(key) || each.startsWith(key + ".")))
                .findFirst()
                .or(() -> Optional.ofNullable(joined().get(wrong)));
    }

    /** {@return up to three keys of the same map, the nearest first, and none much farther than the first} */
    private List<Near> beside(String wrong) {
        var parent = parent(wrong);
        var word = Keys.lastWord(wrong);
        var all = known.stream()
                .filter(key -> key.startsWith(parent) && key.indexOf('.', parent.length()) < 0)
                .map(key -> new Near(key, distance(word, Keys.lastWord(key))))
                .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::key))
                .limit(MOST)
                .toList();
        return all.stream().filter(near -> kind(near) == kind(all.getFirst())).toList();
    }

    private static int kind(Near near) {
        return Stream.of(SAME, TYPO, WORD_IN_COMMON)
                .filter(most -> near.distance() <= most)
                .findFirst()
                .orElse(Integer.MAX_VALUE);
    }

    private static int distance(String wrong, String right) {
        if (List.of(ELSEWHERE_CALLED.getOrDefault(right, "").split(" ")).contains(wrong)) {
            return SAME;
        }
        int letters = Spelling.distance(wrong, right);
        int most = wrong.length() < 4 ? 1 : Math.max(2, wrong.length() / 4);
        if (letters <= most) {
            return letters;
        }
        var words = List.of(wrong.split("-"));
        boolean sharesWord = Arrays.stream(right.split("-")).anyMatch(words::contains);
        return Math.min(letters, TYPO) + 1 + (sharesWord ? TYPO : WORD_IN_COMMON);
    }

    /** {@return up to three keys of other maps that end in the same word} Those of endpoints come first. */
    private List<String> elsewhere(String wrong) {
        var word = Keys.lastWord(wrong);
        boolean isOfEndpoint = wrong.startsWith(Keys.TRANSPORTS + ".");
        return Stream.of(known, ofOthers)
                .flatMap(Collection::stream)
                .filter(key -> !key.equals(wrong) && Keys.lastWord(key).equals(word))
                .filter(key ->
                        !isOfEndpoint && !key.startsWith(Keys.ADMIN + ".") || key.startsWith(Keys.TRANSPORTS + "."))
                .distinct()
                .sorted(Comparator.comparing((String key) -> !key.startsWith(Keys.TRANSPORTS + "."))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST)
                .toList();
    }

    private static String parent(String key) {
        return key.substring(0, key.lastIndexOf('.') + 1);
    }

    private static String parentMap(String key) {
        return key.substring(0, Math.max(0, key.lastIndexOf('.')));
    }

    private static String oneOf(List<String> keys) {
        int last = keys.size() - 1;
        return last < 1 ? String.join("", keys) : String.join(", ", keys.subList(0, last)) + " or " + keys.get(last);
    }

    /** {@return what to say of a variable of the environment that is ignored} */
    String variable(Setting setting) {
        return setting.origin().place() + " is unknown and ignored; " + hintForVariable(setting.key());
    }

    /** {@return what to say of a setting that cannot be ignored, wherever it stands} */
    String required(Setting setting) {
        return setting.origin().source() == Source.ENVIRONMENT
                ? setting.origin().place() + " is unknown; " + hintForVariable(setting.key())
                : key(setting);
    }

    private String hintForVariable(String key) {
        // A word in common says little of a variable that may belong to another program.
        int farthest = key.startsWith(Keys.TRANSPORTS + ".") ? WORD_IN_COMMON : TYPO;
        var near = beside(key).stream()
                .filter(each -> each.distance() <= farthest && !each.key().equals(Keys.TRANSPORTS))
                .map(Near::key)
                .toList();
        return Optional.of(near.isEmpty() ? likeKeyOfEndpoint(key) : near)
                .filter(keys -> !keys.isEmpty())
                .map(keys -> "did you mean "
                        + oneOf(keys.stream().map(Keys::variable).toList()) + "?")
                .or(() -> endpointToMake(key))
                .or(() -> whole(key))
                .orElse(LIST);
    }

    /** {@return what to say of a variable that lacks the name of an endpoint, or that names the file} */
    private Optional<String> whole(String key) {
        if (FILES.contains(key)) {
            return Optional.of("the command line names the file: --config FILE");
        }
        return Optional.of(elsewhere(key))
                .filter(keys -> !keys.isEmpty() && key.indexOf('.') < 0)
                .map(keys -> "did you mean "
                        + oneOf(keys.stream().map(Keys::variable).toList()) + "?");
    }

    /** {@return the keys of endpoints that this key resembles, although nothing says where the endpoint's name ends in it} */
    private List<String> likeKeyOfEndpoint(String key) {
        var joined = joined();
        return new UnknownKeys(joined.keySet(), Set.of())
                .beside(key).stream()
                        .filter(near -> near.distance() <= TYPO)
                        .map(near -> joined.get(near.key()))
                        .limit(1)
                        .toList();
    }

    /** {@return the keys of endpoints, by how a variable of the environment spells them} */
    private Map<String, String> joined() {
        var joined = new TreeMap<String, String>();
        for (var each : known) {
            if (each.startsWith(Keys.TRANSPORTS + ".")) {
                joined.put(each.substring(Keys.TRANSPORTS.length() + 1).replace('.', '-'), each);
            }
        }
        return joined;
    }

    /** {@return what is missing if this would be the key of an endpoint} */
    private Optional<String> endpointToMake(String key) {
        return known.stream()
                .filter(name -> name.startsWith(Keys.TRANSPORTS + "."))
                .map(Keys::lastWord)
                .filter(word -> key.endsWith("-" + word))
                .map(word -> key.substring(0, key.length() - word.length() - 1))
                .filter(Keys::isWord)
                .min(Comparator.comparingInt(String::length))
                .map(name -> "to define endpoint " + name + ", set " + Keys.variable(Keys.ofEndpoint(name, Keys.TYPE))
                        + " too");
    }
}
