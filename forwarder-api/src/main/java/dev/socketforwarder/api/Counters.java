package dev.socketforwarder.api;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
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

    /**
     * {@return the values of all counters now, which the snapshot keeps. The values are read one after another, while others
     * may go on counting}
     */
    public Snapshot snapshot() {
        var counters = new EnumMap<Counter, Long>(Counter.class);
        for (var counter : Counter.values()) {
            counters.put(counter, get(counter));
        }
        var reasons = new EnumMap<Reason, Long>(Reason.class);
        for (var reason : Reason.values()) {
            reasons.put(reason, get(reason));
        }
        return new Snapshot(counters, reasons);
    }

    /**
     * Holds the values of all counters at one time.
     *
     * @param counters by counter, its value
     * @param reasons by reason, how often it happened
     */
    public record Snapshot(Map<Counter, Long> counters, Map<Reason, Long> reasons) {

        /** Keep copies of the maps, which the snapshot does not let change. */
        public Snapshot {
            counters = Collections.unmodifiableMap(new EnumMap<>(counters));
            reasons = Collections.unmodifiableMap(new EnumMap<>(reasons));
        }

        /**
         * {@return the value of one counter}
         *
         * @param counter what is counted
         */
        public long get(Counter counter) {
            return counters.getOrDefault(counter, 0L);
        }

        /**
         * {@return how often something happened}
         *
         * @param reason why
         */
        public long get(Reason reason) {
            return reasons.getOrDefault(reason, 0L);
        }
    }
}
