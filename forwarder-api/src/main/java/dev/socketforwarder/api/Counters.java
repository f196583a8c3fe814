package dev.socketforwarder.api;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Holds the counters of one endpoint. Thread-safe. An update is cheap enough for each turn of a loop, but not for each message. */
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
     * Add to a counter. A negative {@code amount} lowers a gauge.
     *
     * @param counter the counter to change
     * @param amount the change; negative only for a gauge
     */
    public void add(Counter counter, long amount) {
        byCounter[counter.ordinal()].add(amount);
    }

    /**
     * Count {@code times} events with this reason.
     *
     * @param reason the reason to count
     * @param times how many events had this reason; 0 changes nothing
     */
    public void add(Reason reason, long times) {
        byReason[reason.ordinal()].add(times);
    }

    /**
     * {@return the present value of a counter}
     *
     * @param counter the counter to read
     */
    public long get(Counter counter) {
        return byCounter[counter.ordinal()].sum();
    }

    /**
     * {@return how many events had a reason}
     *
     * @param reason the reason to read
     */
    public long get(Reason reason) {
        return byReason[reason.ordinal()].sum();
    }

    /**
     * {@return a copy of all present values. The method reads one counter after another, and other threads may go on counting
     * meanwhile}
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
     * Holds a copy of the values of all counters.
     *
     * @param counters the value of each counter
     * @param reasons how many events had each reason
     */
    public record Snapshot(Map<Counter, Long> counters, Map<Reason, Long> reasons) {

        /** Make a snapshot with unmodifiable copies of both maps. */
        public Snapshot {
            counters = Collections.unmodifiableMap(new EnumMap<>(counters));
            reasons = Collections.unmodifiableMap(new EnumMap<>(reasons));
        }

        /**
         * {@return the value of one counter; 0 if the map lacks the counter}
         *
         * @param counter the counter to read
         */
        public long get(Counter counter) {
            return counters.getOrDefault(counter, 0L);
        }

        /**
         * {@return how many events had a reason; 0 if the map lacks the reason}
         *
         * @param reason the reason to read
         */
        public long get(Reason reason) {
            return reasons.getOrDefault(reason, 0L);
        }
    }
}
