package dev.socketforwarder.benchmarks.load;

import java.util.Locale;

/**
 * A promise, and what was found of it.
 *
 * @param promise what should hold
 * @param found what was seen
 */
record Finding(String promise, String found) {

    /** {@return what was found, as text} */
    static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
