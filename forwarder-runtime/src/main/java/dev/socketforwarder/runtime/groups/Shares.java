package dev.socketforwarder.runtime.groups;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Adds up the memory for queued bytes by the members' addresses, over all groups, and decides which members go first
 * when memory is short. Members without progress go first, of the address that holds most, the longest stalled first.
 * If all make progress, the last to join goes first.
 */
final class Shares {
    /**
     * What members of one source on one side need. They go together, since their queues mostly share the same blocks.
     */
    private static final class Holding {
        private final List<Seat> seats = new ArrayList<>();
        private long stalledNs;
        private long queuedBytes;
        private long unfinishedBytes;
        private long joinedNs = Long.MIN_VALUE;

        void add(Need need) {
            seats.add(need.seat());
            queuedBytes = Math.max(queuedBytes, need.queuedBytes());
            unfinishedBytes += need.unfinishedBytes();
            stalledNs = Math.max(stalledNs, need.stalledNs());
            joinedNs = Math.max(joinedNs, need.joinedNs());
        }

        long bytes() {
            return queuedBytes + unfinishedBytes;
        }
    }

    private record Key(Side side, boolean isStalled) {}

    /** Everything that one source holds. */
    private static final class Share {
        private final ArrayDeque<Holding> holdings = new ArrayDeque<>();
        private long bytes;

        Share(Collection<Holding> all) {
            all.stream()
                    .sorted(Comparator.<Holding, Long>comparing(holding -> holding.stalledNs, Comparator.reverseOrder())
                            .thenComparing(holding -> holding.joinedNs, Comparator.reverseOrder()))
                    .forEach(holdings::add);
            bytes = all.stream().mapToLong(Holding::bytes).sum();
        }

        boolean isStalled() {
            return holdings.getFirst().stalledNs > 0;
        }

        long bytes() {
            return bytes;
        }

        Holding takeFirst() {
            var first = holdings.removeFirst();
            bytes -= first.bytes();
            return first;
        }
    }

    private final PriorityQueue<Share> shares =
            new PriorityQueue<>(Comparator.comparing(Share::isStalled, Comparator.reverseOrder())
                    .thenComparing(Share::bytes, Comparator.reverseOrder()));

    /** Add up the needs of all members. */
    Shares(Collection<Need> needs) {
        var bySource = new HashMap<Object, Map<Key, Holding>>();
        for (var need : needs) {
            bySource.computeIfAbsent(need.source(), _ -> new HashMap<>())
                    .computeIfAbsent(new Key(need.seat().side(), need.stalledNs() > 0), _ -> new Holding())
                    .add(need);
        }
        bySource.values().forEach(holdings -> shares.add(new Share(holdings.values())));
    }

    /**
     * {@return the members to close so that about {@code bytes} become free; empty only if no member holds anything}
     */
    List<Seat> first(long bytes) {
        var going = new ArrayList<Seat>();
        long freed = 0;
        while (!shares.isEmpty() && (freed < bytes || going.isEmpty())) {
            var most = shares.poll();
            var holding = most.takeFirst();
            going.addAll(holding.seats);
            freed += holding.bytes();
            if (!most.holdings.isEmpty()) {
                shares.add(most);
            }
        }
        return going;
    }
}
