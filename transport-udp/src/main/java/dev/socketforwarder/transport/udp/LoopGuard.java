package dev.socketforwarder.transport.udp;

import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Intake;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Notices datagrams that go round among forwarders which have been registered at each other. Remembers payloads by their hash,
 * for a second or two, in tables of fixed size. Used on one thread of the endpoint: a sender stays on one.
 *
 * <p>What one sender sends comes over one path, so with one hop limit, however often it says the same. What goes round comes with
 * fewer hops each time ({@link Hops}). So a payload that one sender sends with more than {@value #MOST_LIMITS} limits within a
 * second goes round. One that comes with more than one may be sent on so often a second, no more: copies double at each hop
 * where many forwarders know each other. All addresses of this machine are one sender's.
 *
 * <p>Where hops are not seen there is the rate alone: so often a second a sender that may be a forwarder may repeat a payload. Where
 * they are seen that holds for what certainly comes from one, as a count may be lost on the way (by multicast, over TCP).
 */
final class LoopGuard {
    static final int MOST_LIMITS = 5;

    private static final int BITS = 12;
    private static final int SLOTS = 1 << BITS;
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    // Longer than what is on its way takes, in full buffers of busy forwarders.
    private static final long REST_NS = 2 * SECOND_NS;

    /**
     * How often a payload may come again.
     *
     * @param costNs after how long it may come again
     * @param mostNs how much of that may be owed
     */
    private record Limit(long costNs, long mostNs) {
        private static final Limit OF_COPIES = of(250, 250);
        private static final Limit OF_UNCOUNTED = of(1_000, 150);
        // A loop within this machine turns a thousand times a second, a heartbeat does not: that is all there is to
        // tell.
        private static final Limit WITHOUT_HOPS = of(200, 60);

        private static Limit of(int perSecond, int burst) {
            return new Limit(SECOND_NS / perSecond, SECOND_NS / perSecond * burst);
        }
    }

    private final boolean seesHops;
    private final Predicate<InetSocketAddress> local;
    // So that nobody can make payloads that look alike.
    private final long seed = new SplittableRandom().nextLong();

    private InetSocketAddress lastSource; // null: none yet
    private long lastSender;
    private Tables tables; // made at the first need: most endpoints never have one

    /** What is remembered of each payload of each sender. */
    private static final class Tables {
        final long[] pair = new long[SLOTS];
        final long[] startNs = new long[SLOTS];
        final long[] paidNs = new long[SLOTS];
        final int[] limits = new int[SLOTS];
        final int[] limitsBefore = new int[SLOTS];
    }

    /**
     * Make one.
     *
     * @param seesHops whether hop limits of what comes are known
     * @param local whether an address is this machine's
     */
    LoopGuard(boolean seesHops, Predicate<InetSocketAddress> local) {
        this.seesHops = seesHops;
        this.local = local;
    }

    /**
     * {@return whether the {@code i}th datagram of the intake goes round}
     *
     * @param mayBeForwarder whether its sender may have got it from here, as far as registrations tell
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

    /** {@return whether there was one too many; those dropped count as well, so that nothing passes until a loop has run dry} */
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

    /** {@return the place for this pair, where this second's count goes on} */
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
