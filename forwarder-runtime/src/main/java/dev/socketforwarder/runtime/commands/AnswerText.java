package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Formats the answers of the running process for people. Texts are escaped, since they come from peers. */
final class AnswerText {
    /** The text for a missing value. */
    static final String NOTHING = "-";

    private AnswerText() {}

    /** {@return the text under a key; a dash if there is none} */
    static String text(JsonNode from, String key) {
        var text = Printable.line(from.path(key).asString(""));
        return text.isEmpty() ? NOTHING : text;
    }

    static String number(JsonNode from, String key) {
        return Long.toString(from.path(key).asLong(0));
    }

    /** {@return a number of bytes, rounded; a dash if it is unknown} */
    static String bytes(JsonNode from, String key) {
        return from.path(key).isNumber() ? Values.rounded(from.path(key).asLong()) : NOTHING;
    }

    /** {@return bytes a second, rounded} */
    static String rate(JsonNode from, String key) {
        return Values.rounded(from.path("rates").path(key).asLong(0)) + "/s";
    }

    /** {@return the group's name in quotes, or the name of the endpoint that owns the group} */
    static String group(JsonNode from, String name, String ofEndpoint) {
        var group = from.path(name).asString("");
        return from.path(ofEndpoint).asBoolean(false) ? "(endpoint " + group + ")" : Printable.quoted(group);
    }

    /** {@return a number of seconds, rounded} */
    static String lasting(JsonNode from, String key) {
        return Values.rounded(Duration.ofMillis((long) (from.path(key).asDouble(0) * 1_000)));
    }

    /** {@return how long ago something was} */
    static String ago(JsonNode from, String key, Instant now) {
        return Values.rounded(Duration.between(Instant.parse(from.path(key).asString()), now)) + " ago";
    }

    /** {@return how much of a limit is taken, as in {@code 12 of 100 (12 %)}} */
    static String share(long taken, long most, String takenText, String mostText) {
        long percent = most == 0 ? 100 : Math.round(100.0 * taken / most);
        return takenText + " of " + mostText + " (" + percent + " %)";
    }

    /** {@return a short duration with a unit that fits} */
    static String shortTime(JsonNode seconds) {
        double value = seconds.asDouble(0);
        if (value < 1e-3) {
            return String.format(Locale.ROOT, "%.0f us", value * 1e6);
        }
        return value < 1
                ? String.format(Locale.ROOT, "%.1f ms", value * 1e3)
                : String.format(Locale.ROOT, "%.1f s", value);
    }
}
