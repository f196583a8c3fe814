package dev.socketforwarder.transport.nats;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers which message each other forwarder sends next to each group, and so notices which ones never came. What it remembers is
 * bounded: where there is no room, the forwarder that was silent for longest is forgotten, and its next message counts as its first.
 */
final class Losses {
    /** Some 8 MB at most, which only somebody who forges ids can fill. */
    private static final int MOST = 1 << 16;
    /** A larger gap is no loss, but the number of somebody who forges messages. */
    private static final long LARGEST_GAP = 1L << 32;

    /** One forwarder's messages to one group; {@code group} is a number that this process gave to the group. */
    private record Source(long node, int group) {}

    private record Expected(int incarnation, long next) {}

    private final Map<Source, Expected> expected;

    Losses() {
        this(MOST);
    }

    /** For tests. */
    Losses(int most) {
        expected = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Source, Expected> eldest) {
                return size() > most;
            }
        };
    }

    /**
     * Note that messages came.
     *
     * @param group a number for the group
     * @return how many messages before them never came
     */
    long arrived(int group, Envelope envelope) {
        var next = new Expected(envelope.incarnation(), envelope.first() + envelope.count());
        var before = expected.put(new Source(envelope.node(), group), next);
        if (before == null) {
            return 0;
        }
        // A group that began again counts from 1.
        long awaited = before.incarnation() == envelope.incarnation() ? before.next() : 1;
        long gap = envelope.first() - awaited;
        return gap > 0 && gap < LARGEST_GAP ? gap : 0;
    }
}
