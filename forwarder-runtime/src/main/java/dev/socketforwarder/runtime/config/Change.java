package dev.socketforwarder.runtime.config;

import dev.socketforwarder.runtime.config.Configuration.InForce;
import java.util.List;
import java.util.Optional;

/**
 * One difference between two configurations.
 *
 * @param before the value in the first configuration; empty if nobody reads the key there
 * @param after the value in the second configuration; empty if nobody reads the key there
 */
public record Change(String key, Optional<InForce> before, Optional<InForce> after) {
    private static final String NOTHING = "(none)";

    /** {@return the change in one line, such as {@code grace-period: 10s -> 5s}} */
    public String shown() {
        return before.map(InForce::values).equals(after.map(InForce::values))
                ? key + ": another content of " + shown(after)
                : key + ": " + shown(before) + " -> " + shown(after);
    }

    private static String shown(Optional<InForce> value) {
        return value.map(InForce::values)
                .map((List<String> values) -> String.join(", ", values))
                .filter(text -> !text.isEmpty())
                .orElse(NOTHING);
    }
}
