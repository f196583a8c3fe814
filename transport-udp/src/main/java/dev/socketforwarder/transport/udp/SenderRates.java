package dev.socketforwarder.transport.udp;

import java.net.InetSocketAddress;
import java.util.SplittableRandom;

/**
 * How many datagrams a second each sender may send. Those that are known as members have each their own count; all others
 * share so many counts, whatever addresses they make up. Used on the endpoint's thread.
 */
final class SenderRates {
    private static final int STRANGERS_BITS = 12;
    // Spreads neighbours.
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final int perSecond;
    private final TurnClock clock;
    private final Senders senders;
    private final Bucket[] strangers;
    // So that nobody can tell whose count is shared.
    private final long seed = new SplittableRandom().nextLong() | 1;

    /** Make one; {@code perSecond} of 0 is as many as they like. */
    SenderRates(int perSecond, TurnClock clock, Senders senders) {
        this.perSecond = perSecond;
        this.clock = clock;
        this.senders = senders;
        this.strangers = new Bucket[perSecond == 0 ? 0 : 1 << STRANGERS_BITS];
    }

    /** {@return whether one more datagram of this sender may pass; it is counted} */
    boolean admit(InetSocketAddress source) {
        return perSecond == 0
                || senders.rateOf(source, this::fresh)
                        .orElseGet(() -> stranger(source))
                        .take();
    }

    private Bucket stranger(InetSocketAddress source) {
        long mixed = source.hashCode() * seed;
        int i = (int) ((mixed ^ mixed >>> Integer.SIZE) * GOLDEN_RATIO >>> Long.SIZE - STRANGERS_BITS);
        if (strangers[i] == null) {
            strangers[i] = fresh();
        }
        return strangers[i];
    }

    private Bucket fresh() {
        return new Bucket(perSecond, clock);
    }
}
