package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;

/**
 * Limits how many datagrams a second each sender may send. Each known member has its own bucket; all other senders
 * share the buckets for strangers. A new member takes along the tokens that it had left as a stranger, so a sender
 * gains nothing by leaving and registering again. Used on one thread of the endpoint; the buckets are shared by all.
 */
public final class SenderRates {
    private final int perSecond;
    private final StrangerRates strangers;
    private final TurnClock clock;
    private final Senders senders;

    /** Make rates of {@code perSecond} datagrams; 0 means no limit. */
    public SenderRates(int perSecond, StrangerRates strangers, TurnClock clock, Senders senders) {
        this.perSecond = perSecond;
        this.strangers = strangers;
        this.clock = clock;
        this.senders = senders;
    }

    /**
     * Count a datagram of this sender.
     *
     * @return whether the datagram may pass
     */
    public boolean admit(InetSocketAddress source) {
        return perSecond == 0
                || senders.rateOf(source, () -> stranger(source).pour(clock.nowNs()))
                        .orElseGet(() -> stranger(source))
                        .take(clock.nowNs());
    }

    private TokenBucket stranger(InetSocketAddress source) {
        return strangers.of(source, clock.nowNs());
    }
}
