package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.Counters;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Map;
import java.util.function.Supplier;
import sun.misc.Signal;

/** Logs the counters of each endpoint in one line, on SIGUSR1 and when asked. */
public final class Totals {
    private static final Logger LOG = System.getLogger(Totals.class.getName());
    private static final String SIGNAL = "USR1";

    private final Supplier<Map<String, Counters>> counters;

    /** Make them of the counters, by the words that the line begins with. */
    public Totals(Supplier<Map<String, Counters>> counters) {
        this.counters = counters;
    }

    /** Log the counters whenever the signal comes. */
    public Totals onSignal() {
        try {
            Signal.handle(new Signal(SIGNAL), _ -> log());
        } catch (IllegalArgumentException e) {
            // The JVM of another system may use this signal itself, or not know it.
            LOG.log(Level.DEBUG, "SIG" + SIGNAL + " cannot be handled: " + e);
        }
        return this;
    }

    public void log() {
        counters.get().forEach((name, counted) -> LOG.log(Level.INFO, name + " since the start: " + line(counted)));
    }

    /** {@return the counters that are not zero} */
    private static String line(Counters counted) {
        var words = new ArrayList<String>();
        var now = counted.snapshot();
        now.counters().forEach((counter, value) -> add(words, counter.label(), value));
        now.reasons().forEach((reason, times) -> add(words, reason.label(), times));
        return words.isEmpty() ? "nothing" : String.join(", ", words);
    }

    private static void add(ArrayList<String> words, String label, long value) {
        if (value != 0) {
            words.add(label + " " + value);
        }
    }
}
