package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.Origin;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.text.Values;
import java.util.List;
import java.util.OptionalLong;

/**
 * Looks for limits that never bind, or cannot be kept, since another one is smaller: an error where both were said and nothing would
 * work, else a warning.
 */
record LimitOrder(Configuration configuration) {

    /**
     * A limit, and another one which it must not exceed.
     *
     * @param ofProcess whether the second is one of the process, or stands beside the first
     * @param isWrong whether nothing works otherwise
     * @param why what becomes of it otherwise
     */
    private record Pair(String key, String bound, boolean ofProcess, boolean isWrong, String why) {}

    private static final List<Pair> PAIRS = List.of(
            new Pair(
                    "max-message-size",
                    "max-queued",
                    true,
                    true,
                    "no memory could hold such a message until it is whole"),
            new Pair(
                    "high-water",
                    "max-queued",
                    true,
                    false,
                    "members would be closed (out-of-queue) before others wait for them"),
            new Pair(
                    "min-drain",
                    "high-water",
                    false,
                    false,
                    "no full member could take so much, so each would be closed"),
            new Pair("max-first-messages", "max-connections", true, false, "it limits nothing"),
            new Pair("max-connections-per-address", "max-connections", true, false, "it limits nothing"),
            new Pair("max-registrations-per-address", "max-registrations", false, false, "it limits nothing"));

    /**
     * Look at what is in force.
     *
     * @throws dev.socketforwarder.api.SettingException for the first that cannot be meant
     */
    void look() {
        for (var value : configuration.inForce()) {
            var key = Keys.lastWord(value.key());
            PAIRS.stream().filter(pair -> pair.key().equals(key)).forEach(pair -> look(value, pair));
        }
    }

    private void look(InForce value, Pair pair) {
        if (value.origin() == Origin.DEFAULT) {
            return;
        }
        var parent = value.key().substring(0, value.key().length() - pair.key().length());
        configuration.inForce((pair.ofProcess() ? "" : parent) + pair.bound()).ifPresent(bound -> {
            var size = number(value);
            var most = number(bound);
            if (size.isEmpty() || most.isEmpty() || size.getAsLong() <= most.getAsLong()) {
                return;
            }
            var settings = new SettingsView(configuration, parent);
            var named = bound.key() + ", which is " + bound.values().getFirst();
            if (bound.origin() == Origin.DEFAULT || !pair.isWrong()) {
                settings.warn(pair.key(), value.values().getFirst(), "more than " + named + ": " + pair.why());
                return;
            }
            throw settings.invalid(pair.key(), value.values().getFirst(), "no more than " + named + ": " + pair.why());
        });
    }

    private static OptionalLong number(InForce value) {
        return value.isList()
                ? OptionalLong.empty()
                : Values.size(value.values().getFirst());
    }
}
