package dev.socketforwarder.api;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/** The counters of one endpoint. Thread-safe; cheap enough to be called once a turn, not once a message. */
public final class Counters {
    private final LongAdder[] byCounter = adders(Counter.values().length);
    private final LongAdder[] byReason = adders(Reason.values().length);

    /** Make counters that are all zero. */
    public Counters() {}

    private static LongAdder[] adders(int length) {
        var adders = new LongAdder[length];
        Arrays.setAll(adders, _ -> new LongAdder());
        return adders;
    }

    /**
     * Add to a counter; a negative {@code amount} lowers a gauge.
     *
     * @param counter what is counted
     * @param amount how much more, or less
     */
    public void add(Counter counter, long amount) {
        byCounter[counter.ordinal()].add(amount);
    }

    /**
     * Count {@code times} events with this reason.
     *
     * @param reason why
     * @param times how often; 0 changes nothing
     */
    public void add(Reason reason, long times) {
        byReason[reason.ordinal()].add(times);
    }

    /**
     * {@return its value now}
     *
     * @param counter what is counted
     */
    public long get(Counter counter) {
        return byCounter[counter.ordinal()].sum();
    }

    /**
     * {@return how often it happened}
     *
     * @param reason why
     */
    public long get(Reason reason) {
        return byReason[reason.ordinal()].sum();
    }
}
