package dev.socketforwarder.benchmarks.load;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a load does.
 *
 * @param name how it is called
 * @param kind how its members speak
 * @param groups how many groups there are
 * @param receivers how many members of each group receive
 * @param senders how many send: others, or, if {@code both}, the first ones of those that receive
 * @param both see there
 * @param size of each message in bytes
 * @param count of all messages of a group
 * @param window how many of them may be on their way; counts if there is no rate
 * @param bursts whether the next messages wait until all have arrived, so that every server gets the same number of messages at a time
 * @param rate messages a second in each group, 0: as fast as the window allows
 */
record Scenario(
        String name,
        Kind kind,
        int groups,
        int receivers,
        int senders,
        boolean both,
        int size,
        long count,
        int window,
        boolean bursts,
        int rate) {

    /** How members speak. */
    enum Kind {
        /** TCP, in a raw group. */
        TCP,
        /** TCP, in a group framed by line feeds. */
        LINE,
        /** TCP with TLS, in a raw group. */
        TLS,
        UDP,
        /** WebSocket, in a group framed by line feeds. */
        WEBSOCKET,
        /** TCP sends and WebSocket receives, in a group framed by line feeds. */
        TCP_TO_WEBSOCKET;

        /** {@return whether members connect by WebSocket, if only some} */
        boolean hasWebSocket() {
            return this == WEBSOCKET || this == TCP_TO_WEBSOCKET;
        }
    }

    Scenario {
        if (groups < 1 || receivers < 1 || senders < 1 || count < 1 || window < 1 || rate < 0) {
            throw new IllegalArgumentException("groups, receivers, senders, count and window are at least 1");
        }
        if (size < Message.SMALLEST) {
            throw new IllegalArgumentException("size is at least " + Message.SMALLEST);
        }
        if (both && (senders > receivers || receivers < 2 || kind == Kind.UDP)) {
            throw new IllegalArgumentException(
                    "both: of at least two TCP members, those that send are among those that receive");
        }
    }

    /**
     * {@return the scenario that a text describes}
     *
     * @param text pairs as in {@code receivers=20 window=4}
     */
    static Scenario of(String name, String text) {
        return of(name, pairs(text));
    }

    static Scenario of(String name, Map<String, String> pairs) {
        var values = new HashMap<>(pairs);
        var scenario = new Scenario(
                name,
                Kind.valueOf(text(values, "kind", "tcp").toUpperCase(Locale.ROOT)),
                number(values, "groups", 1),
                number(values, "receivers", 20),
                number(values, "senders", 1),
                Boolean.parseBoolean(text(values, "both", "false")),
                number(values, "size", 128),
                number(values, "count", 10_000),
                number(values, "window", 64),
                Boolean.parseBoolean(text(values, "bursts", "false")),
                number(values, "rate", 0));
        if (!values.isEmpty()) {
            throw new IllegalArgumentException("unknown: " + String.join(", ", values.keySet()));
        }
        return scenario;
    }

    /** {@return the values by their keys} */
    static Map<String, String> pairs(String text) {
        var values = new HashMap<String, String>();
        for (var pair : text.split(" ")) {
            var parts = pair.split("=", 2);
            if (parts.length < 2) {
                throw new IllegalArgumentException(pair + ": expected KEY=VALUE");
            }
            values.put(parts[0], parts[1]);
        }
        return values;
    }

    private static int number(Map<String, String> values, String key, int fallback) {
        return Integer.parseInt(text(values, key, Integer.toString(fallback)));
    }

    private static String text(Map<String, String> values, String key, String fallback) {
        var value = values.remove(key);
        return value == null ? fallback : value;
    }

    Scenario withCount(long other) {
        return new Scenario(name, kind, groups, receivers, senders, both, size, other, window, bursts, rate);
    }

    /** {@return in one line what it does} */
    String describe() {
        var members = both
                ? receivers + " members, " + (senders == receivers ? "all" : senders) + " of which send"
                : senders + (senders == 1 ? " sender, " : " senders, ") + receivers + " receivers";
        return (groups == 1 ? "" : groups + " groups, each with ") + members + "; " + count + " messages of " + size
                + " bytes, "
                + (rate > 0
                        ? rate + " a second"
                        : bursts ? "in bursts of " + window : "at most " + window + " on their way");
    }
}
