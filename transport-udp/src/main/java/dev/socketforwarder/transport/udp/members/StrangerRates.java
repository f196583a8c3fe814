package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Token buckets that all senders share that are not members. The number of buckets is fixed, however many addresses
 * senders forge. Thread-safe.
 */
public final class StrangerRates {
    private static final int BITS = 12;
    // Spreads neighbouring values.
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final int perSecond;
    private final AtomicReferenceArray<TokenBucket> buckets;
    // Keeps senders from computing which bucket others use.
    private final long seed = new SplittableRandom().nextLong() | 1;

    /** Make the buckets for {@code perSecond} datagrams; 0 means no limit and takes no buckets. */
    public StrangerRates(int perSecond) {
        this.perSecond = perSecond;
        this.buckets = new AtomicReferenceArray<>(perSecond == 0 ? 0 : 1 << BITS);
    }

    /** {@return the bucket of this sender; there must be a limit} */
    public TokenBucket of(InetSocketAddress source, long nowNs) {
        // The address's hash code would let a sender choose a port or address that shares another's bucket.
        long mixed = source.getPort();
        for (byte each : source.getAddress().getAddress()) {
            mixed = mixed * seed + each;
        }
        int i = (int) ((mixed ^ mixed >>> Integer.SIZE) * GOLDEN_RATIO >>> Long.SIZE - BITS);
        var known = buckets.get(i);
        if (known != null) {
            return known;
        }
        buckets.compareAndSet(i, null, new TokenBucket(perSecond, nowNs));
        return buckets.get(i);
    }
}
