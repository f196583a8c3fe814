package dev.socketforwarder.runtime.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Knows the names of settings: those of the top level, and how a key is formed. */
public final class Keys {
    /** Begins the key of everything that belongs to an endpoint. */
    public static final String TRANSPORTS = "transports";

    /** Begins the key of everything that belongs to groups. */
    public static final String GROUPS = "groups";

    /** Begins the key of everything about plugins. */
    public static final String PLUGINS = "plugins";

    /** Where the control socket is, or {@code off}. */
    public static final String CONTROL_SOCKET = "control-socket";

    /** Begins the key of everything about the admin endpoint. */
    public static final String ADMIN = "admin";

    public static final String TYPE = "type";

    /** The policies of an endpoint. */
    public static final String HANDSHAKE = "handshake";

    /** The secret that all clients share. */
    public static final String TOKEN_SECRET = "token-secret";

    /** The secret with which tokens are signed. */
    public static final String TOKEN_SIGNING_SECRET = "token-signing-secret";

    /** Whether another process of this user may bind the same ports, to take over from this one. */
    public static final String REUSE_PORT = "reuse-port";

    /** What the maps of these keys may look like. */
    private static final Map<String, String> EXAMPLES = Map.of(
            TRANSPORTS,
            "{tcp: {port: 6753}}",
            GROUPS,
            "{chat: {framing: line}}",
            ADMIN,
            "{port: 8080}",
            "connect",
            "[{group: chat, to: \"10.0.0.1:6753\"}]");

    /** The section of an endpoint that has a certificate. */
    public static final String TLS = "tls";

    /** Keys of that section whose values are files. */
    public static final String TLS_CERTIFICATE = "certificate";

    public static final String TLS_KEY = "key";
    public static final String TLS_CLIENT_CA = "client-ca";

    /** Ends the key of the file that holds a secret. */
    public static final String SECRET_FILE = "-file";

    private static final List<String> OF_FRAMING = List.of("framing", "length-width", "byte-order", "delimiter");

    /** The keys for groups that apply to a group as a whole, so that only one of the endpoints that share it decides. */
    public static final List<String> OF_WHOLE_GROUPS = List.of(
            "max-message-size",
            "message-timeout",
            "slow-member",
            "high-water",
            "low-water",
            "min-drain",
            "stall-timeout",
            "gap-notice",
            "max-group-members");

    /** The keys for groups that have an effect on members with connections only, which the runtime serves. */
    public static final List<String> OF_STREAMS = List.of("member-rate", "group-rate", "join-reply");

    /** The keys for groups, which are looked up in {@code groups:}, then at the endpoint, then at the top level. */
    static final List<String> OF_GROUPS = Stream.of(OF_FRAMING, OF_WHOLE_GROUPS, OF_STREAMS)
            .flatMap(List::stream)
            .toList();

    /** The key of the names and patterns of an entry under {@link #GROUPS}. */
    public static final String MATCH = "match";

    /** All keys of such an entry. */
    static final List<String> OF_ENTRY =
            Stream.concat(Stream.of(MATCH), OF_GROUPS.stream()).toList();

    /** The keys that are looked up at the top level if an endpoint lacks them. */
    public static final List<String> INHERITED = Stream.concat(
                    Stream.of(
                            "host-address",
                            REUSE_PORT,
                            "compat",
                            "new-client-prefix",
                            "max-read-in-size",
                            "first-message",
                            "allow",
                            "deny",
                            TOKEN_SECRET,
                            TOKEN_SECRET + SECRET_FILE,
                            TOKEN_SIGNING_SECRET,
                            TOKEN_SIGNING_SECRET + SECRET_FILE),
                    OF_GROUPS.stream())
            .toList();

    /** The keys of an endpoint whose values are maps; upper-case variables do not show where the inner key begins. */
    static final List<String> SECTIONS = List.of(TLS);

    /** All other keys of the top level. Neither these nor {@link #INHERITED} can be the name of an endpoint. */
    static final List<String> PROCESS = List.of(
            "debug",
            "log-format",
            "log-output",
            "grace-period",
            "pre-stop-delay",
            "state-directory",
            "event-loops",
            "max-queued",
            "max-connections",
            "max-groups",
            "log-joins",
            CONTROL_SOCKET);

    private static final Set<String> OF_THE_START = Set.of(
            "log-format",
            "log-output",
            "event-loops",
            "state-directory",
            CONTROL_SOCKET,
            "backlog",
            REUSE_PORT,
            "framing",
            "length-width",
            "byte-order",
            "delimiter");

    private static final Pattern WORD = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
    private static final int LONGEST_WORD = 64;

    private Keys() {}

    /** {@return whether the text can be a key, or the name of an endpoint} */
    public static boolean isWord(String text) {
        return text.length() <= LONGEST_WORD && WORD.matcher(text).matches();
    }

    /** {@return whether a setting is read at the start of the process only, so that a change needs a restart} */
    public static boolean needsRestart(String key) {
        return key.startsWith(PLUGINS + ".") || OF_THE_START.contains(lastWord(key));
    }

    public static boolean isTopLevel(String word) {
        return INHERITED.contains(word)
                || PROCESS.contains(word)
                || List.of(TRANSPORTS, GROUPS, PLUGINS, ADMIN).contains(word);
    }

    /** {@return whether a word of the top level is about the process, so that it never stands at an endpoint} */
    static boolean isOfProcess(String word) {
        return PROCESS.contains(word) || word.equals(PLUGINS) || word.equals(ADMIN);
    }

    public static String ofEndpoint(String name, String key) {
        return TRANSPORTS + "." + name + "." + key;
    }

    static String ofGroup(String name, String key) {
        return GROUPS + "." + name + "." + key;
    }

    /** {@return a key and its map, as a user may write them; empty if this map has no usual content} */
    static Optional<String> example(String key) {
        var word = lastWord(key);
        return Optional.ofNullable(EXAMPLES.get(word)).map(map -> word + ": " + map);
    }

    /** {@return the upper-case name of a key in the environment} */
    public static String variable(String key) {
        var ofEndpoint = key.startsWith(TRANSPORTS + ".") ? key.substring(TRANSPORTS.length() + 1) : key;
        return Environment.UPPER
                + ofEndpoint.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    }

    /** {@return the part of a key after the last dot} */
    public static String lastWord(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }
}
