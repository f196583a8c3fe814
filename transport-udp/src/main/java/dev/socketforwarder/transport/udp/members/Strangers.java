package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The counts that all senders share who are no members, so many whatever addresses they make up. Thread-safe. */
public final class Strangers {
    private static final int BITS = 12;
    // Spreads neighbours.
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final int perSecond;
    private final AtomicReferenceArray<Bucket> buckets;
    // So that nobody can tell whose count is shared.
    private final long seed = new SplittableRandom().nextLong() | 1;

    /** Make all counts; {@code perSecond} of 0 is as many as they like, which takes none. */
    public Strangers(int perSecond) {
        this.perSecond = perSecond;
        this.buckets = new AtomicReferenceArray<>(perSecond == 0 ? 0 : 1 << BITS);
    }

    /** {@return the count of this sender, where there is a limit} */
    public Bucket of(InetSocketAddress source, long nowNs) {
        // Not its hash code: whoever chooses a port, or an address of many, chooses that of others.
        long mixed = source.getPort();
        for (byte each : source.getAddress().getAddress()) {
            mixed = mixed * seed + each;
        }
        int i = (int) ((mixed ^ mixed >>> Integer.SIZE) * GOLDEN_RATIO >>> Long.SIZE - BITS);
        var known = buckets.get(i);
        if (known != null) {
            return known;
        }
        buckets.compareAndSet(i, null, new Bucket(perSecond, nowNs));
        return buckets.get(i);
    }
}
