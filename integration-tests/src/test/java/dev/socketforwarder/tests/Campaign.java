package dev.socketforwarder.tests;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Injects faults in an order that a seed decides, while honest traffic runs, and reports the results. */
final class Campaign {
    /** The results of one kind of fault. */
    private static final class Record {
        private final List<Duration> recoveries = new ArrayList<>();
        private long checkedBytes;
        private long lost;
    }

    private final Scene scene;
    private final Random random;
    private final List<Fault> faults;
    private long countedBefore;
    private final Map<Fault, Record> records = new LinkedHashMap<>();

    Campaign(Scene scene, long seed, List<Fault> faults) {
        this.scene = scene;
        this.random = new Random(seed);
        this.faults = faults;
        faults.forEach(fault -> records.put(fault, new Record()));
    }

    static List<Fault> allFaults() {
        var faults = new ArrayList<Fault>();
        faults.addAll(PeerFaults.all());
        faults.addAll(NetworkFaults.all());
        faults.addAll(ProcessFaults.all());
        faults.addAll(HostilePeers.all());
        return List.copyOf(faults);
    }

    /** Inject each kind this many times, all kinds mixed. */
    void run(int injections) throws Exception {
        var order = new ArrayList<Fault>();
        for (int i = 0; i < injections; i++) {
            order.addAll(faults);
        }
        Collections.shuffle(order, random);
        scene.traffic().settle();
        for (int i = 0; i < order.size(); i++) {
            var fault = order.get(i);
            try {
                inject(fault);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("injection " + (i + 1) + ", " + fault.name() + ": " + e.getMessage(), e);
            }
        }
    }

    private void inject(Fault fault) throws Exception {
        var traffic = scene.traffic();
        long checked = traffic.checkedBytes();
        long lost = traffic.lost();
        long begin = System.nanoTime();
        fault.injection().inject(scene, random);
        var settling = traffic.settle();
        // A fault that kills the forwarder is over when another one runs; all of that time is recovery.
        var recovery = fault.loses() ? Duration.ofNanos(System.nanoTime() - begin) : settling;
        if (!scene.forwarder().isAlive()) {
            throw new AssertionError(
                    "the forwarder has ended:\n" + scene.forwarder().err());
        }
        var record = records.get(fault);
        record.recoveries.add(recovery);
        record.checkedBytes += traffic.checkedBytes() - checked;
        long missed = traffic.lost() - lost;
        record.lost += missed;
        if (fault.loses()) {
            countedBefore = 0; // the new process starts its counters at zero
        } else if (missed > 0) {
            requireCounted(missed);
        }
    }

    /**
     * Require that lost datagrams were counted. They may be lost while a stranger keeps the forwarder too busy to read
     * them.
     */
    private void requireCounted(long missed) {
        long counted = scene.forwarder().total("udp", "receive-overflow");
        long more = counted - countedBefore;
        countedBefore = counted;
        if (missed > HonestTraffic.DATAGRAM_RECEIVERS * more) {
            throw new AssertionError(missed + " messages were lost, and " + more + " datagrams counted as such");
        }
    }

    /** {@return the table for docs/RELIABILITY.md} */
    String table() {
        var table = new StringBuilder("""
                | fault | injections | MB checked | messages lost | recovered after (median, longest) |
                |---|---|---|---|---|
                """);
        records.forEach((fault, record) -> {
            var sorted = record.recoveries.stream().sorted().toList();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %.1f | %d | %d ms, %d ms |%n",
                    fault.name(),
                    sorted.size(),
                    record.checkedBytes / 1e6,
                    record.lost,
                    sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2).toMillis(),
                    sorted.isEmpty() ? 0 : sorted.getLast().toMillis()));
        });
        return table.toString();
    }
}
