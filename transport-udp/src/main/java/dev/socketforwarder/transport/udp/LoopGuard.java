package dev.socketforwarder.transport.udp;

import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Intake;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Detects datagrams that circle among forwarders that are registered at each other. The guard remembers payloads by
 * their hash for a second or two, in tables of fixed size. Used on one thread of the endpoint, since a sender always
 * stays on one thread.
 *
 * <p>Datagrams of one sender take one path, so they arrive with one hop limit however often they repeat. A circling
 * datagram arrives with fewer hops each time ({@link Hops}). So a payload that arrives from one sender with more than
 * {@value #MOST_LIMITS} limits within a second or two is circling. A payload with two to {@value #MOST_LIMITS} limits
 * may still pass at a bounded rate, since copies double at each hop where many forwarders know each other. All
 * addresses of this machine count as one sender.
 *
 * <p>Where hop limits are not visible, only a rate shows a loop: the guard bounds how often a sender that may be a
 * forwarder repeats a payload. The rate also applies to counted datagrams that certainly come from a forwarder, since
 * multicast and TCP lose the count.
 */
final class LoopGuard {
    static final int MOST_LIMITS = 5;

    private static final int BITS = 12;
    private static final int SLOTS = 1 << BITS;
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    // Longer than datagrams stay on their way, in full buffers of busy forwarders.
    private static final long REST_NS = 2 * SECOND_NS;

    /**
     * How often a payload may repeat.
     *
     * @param costNs the interval at which the payload may repeat
     * @param mostNs how far ahead of that interval the payload may be
     */
    private record Limit(long costNs, long mostNs) {
        private static final Limit OF_COPIES = of(250, 250);
        private static final Limit OF_UNCOUNTED = of(1_000, 150);
        // A loop within this machine turns a thousand times a second, and a heartbeat does not. Nothing else tells the
        // two apart.
        private static final Limit WITHOUT_HOPS = of(200, 60);

        private static Limit of(int perSecond, int burst) {
            return new Limit(SECOND_NS / perSecond, SECOND_NS / perSecond * burst);
        }
    }

    private final boolean seesHops;
    private final Predicate<InetSocketAddress> local;
    // Keeps peers from making payloads with equal hashes.
    private final long seed = new SplittableRandom().nextLong();

    private InetSocketAddress lastSource; // null before the first datagram
    private long lastSender;
    private Tables tables; // made when first needed, since most endpoints never need them

    /** What is remembered of each pair of payload and sender. */
    private static final class Tables {
        final long[] pair = new long[SLOTS];
        final long[] startNs = new long[SLOTS];
        final long[] paidNs = new long[SLOTS];
        final int[] limits = new int[SLOTS];
        final int[] limitsBefore = new int[SLOTS];
    }

    /**
     * Make a guard that remembers nothing yet.
     *
     * @param seesHops whether the hop limits of datagrams are visible
     * @param local whether an address belongs to this machine
     */
    LoopGuard(boolean seesHops, Predicate<InetSocketAddress> local) {
        this.seesHops = seesHops;
        this.local = local;
    }

    /**
     * {@return whether the {@code i}th datagram of the intake is circling}
     *
     * @param mayBeForwarder whether the sender may have got the datagram from this forwarder, judging by the
     *     registrations
     */
    boolean goesRound(Intake intake, int i, boolean mayBeForwarder, long nowNs) {
        int hops = intake.hopLimit(i);
        if (seesHops ? !Hops.isCounted(hops) : !mayBeForwarder) {
            return false;
        }
        if (tables == null) {
            tables = new Tables();
        }
        int slot = slot(intake.hash(i, seed) ^ sender(intake.source(i)), nowNs);
        if (!seesHops) {
            return isTooOften(slot, Limit.WITHOUT_HOPS, nowNs);
        }
        tables.limits[slot] |= 1 << hops - Hops.LAST;
        int limits = Integer.bitCount(tables.limits[slot] | tables.limitsBefore[slot]);
        return limits > MOST_LIMITS
                || mayBeForwarder && isTooOften(slot, limits > 1 ? Limit.OF_COPIES : Limit.OF_UNCOUNTED, nowNs);
    }

    /**
     * {@return whether this repetition exceeds the limit; dropped repetitions count too, so nothing passes until the
     * loop has run dry}
     */
    private boolean isTooOften(int slot, Limit limit, long nowNs) {
        long debtNs = Math.max(0, tables.paidNs[slot] - nowNs) + limit.costNs();
        tables.paidNs[slot] = nowNs + Math.min(debtNs, limit.mostNs() + REST_NS);
        return debtNs > limit.mostNs();
    }

    private long sender(InetSocketAddress source) {
        if (source != lastSource) {
            lastSource = source;
            int host = local.test(source) ? 0 : source.getAddress().hashCode();
            lastSender = ((long) host << Integer.SIZE | source.getPort()) * GOLDEN_RATIO;
        }
        return lastSender;
    }

    /** {@return the slot of this pair, after starting a new second if one is due} */
    private int slot(long pair, long nowNs) {
        int slot = (int) (pair * GOLDEN_RATIO >>> Long.SIZE - BITS);
        long passedNs = nowNs - tables.startNs[slot];
        boolean other = tables.pair[slot] != pair || passedNs > 2 * SECOND_NS;
        if (other) {
            tables.pair[slot] = pair;
            tables.paidNs[slot] = nowNs;
        }
        if (other || passedNs > SECOND_NS) {
            tables.limitsBefore[slot] = other ? 0 : tables.limits[slot];
            tables.limits[slot] = 0;
            tables.startNs[slot] = nowNs;
        }
        return slot;
    }
}
