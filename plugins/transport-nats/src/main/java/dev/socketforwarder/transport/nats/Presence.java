package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.GroupId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tells the other forwarders every five seconds how many members each group has here, and remembers for 15 seconds what they tell.
 * Used on the loop's thread, except for {@link #elsewhere}.
 */
final class Presence {
    private static final long INTERVAL_NS = Duration.ofSeconds(5).toNanos();
    private static final long EXPIRY_NS = 3 * INTERVAL_NS;
    /** More forwarders than that are not remembered, whoever forges them. */
    private static final int MOST_NODES = 256;

    private record Heard(Census census, long atNs) {}

    private final long node;
    private final String name;
    private final Supplier<Map<String, Integer>> members;
    private final Consumer<byte[]> send;
    private final LongSupplier nanoClock;
    private final Map<Long, Heard> nodes = new ConcurrentHashMap<>();

    /**
     * Make an empty memory.
     *
     * @param node this forwarder
     * @param name this forwarder's name
     * @param members says how many members each group has here
     * @param send sends a message to the other forwarders
     */
    Presence(
            long node,
            String name,
            Supplier<Map<String, Integer>> members,
            Consumer<byte[]> send,
            LongSupplier nanoClock) {
        this.node = node;
        this.name = name;
        this.members = members;
        this.send = send;
        this.nanoClock = nanoClock;
    }

    /** Tell the others now, and again and again. */
    void begin(Deadlines deadlines) {
        send.accept(new Census(node, name, members.get()).bytes());
        deadlines.in(INTERVAL_NS, () -> begin(deadlines));
    }

    /**
     * Remember what a forwarder tells.
     *
     * @return whether the message makes sense
     */
    boolean heard(byte[] message) {
        var read = Census.read(message);
        if (read.isPresent()) {
            long nowNs = nanoClock.getAsLong();
            long node = read.get().node();
            nodes.values().removeIf(each -> nowNs - each.atNs() > EXPIRY_NS);
            if (nodes.containsKey(node) || nodes.size() < MOST_NODES) {
                nodes.put(node, new Heard(read.get(), nowNs));
            }
        }
        return read.isPresent();
    }

    /** {@return how many members a group has on each other forwarder, by the forwarder's name} */
    Map<String, Integer> elsewhere(GroupId group) {
        long nowNs = nanoClock.getAsLong();
        var found = new HashMap<String, Integer>();
        for (var each : nodes.values()) {
            var count = each.census().members().get(group.name());
            if (count != null && nowNs - each.atNs() <= EXPIRY_NS) {
                found.merge(each.census().name(), count, Integer::sum);
            }
        }
        return found;
    }
}
