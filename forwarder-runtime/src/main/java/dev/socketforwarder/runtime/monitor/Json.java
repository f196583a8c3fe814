package dev.socketforwarder.runtime.monitor;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes JSON documents. */
final class Json {
    private static final double NANOS = Duration.ofSeconds(1).toNanos();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /** Put a text, or null where there is none. */
    static void put(ObjectNode into, String key, Optional<String> text) {
        into.put(key, text.orElse(null));
    }

    /** Put seconds, or null where there are no nanoseconds. */
    static void putSeconds(ObjectNode into, String key, OptionalLong nanos) {
        if (nanos.isPresent()) {
            into.put(key, seconds(nanos.getAsLong()));
        } else {
            into.putNull(key);
        }
    }

    /** {@return the nanoseconds in seconds} */
    static double seconds(double nanos) {
        return nanos / NANOS;
    }

    /** {@return the time in seconds, to the millisecond} */
    static double seconds(Duration time) {
        return time.toMillis() / 1_000.0;
    }

    /** {@return the number rounded, since more digits would be chance} */
    static double rounded(double perSecond) {
        return Math.round(perSecond * 10) / 10.0;
    }
}
