package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;

/**
 * How many datagrams a second each sender may send. Those that are known as members have each their own count; all others
 * share those for strangers. Who becomes a member takes along what is left to it as a stranger, so that to leave and to register
 * again gives no more. Used on one thread of the endpoint; the counts are those of all.
 */
public final class SenderRates {
    private final int perSecond;
    private final Strangers strangers;
    private final TurnClock clock;
    private final Senders senders;

    /** Make one; {@code perSecond} of 0 is as many as they like. */
    public SenderRates(int perSecond, Strangers strangers, TurnClock clock, Senders senders) {
        this.perSecond = perSecond;
        this.strangers = strangers;
        this.clock = clock;
        this.senders = senders;
    }

    /** {@return whether one more datagram of this sender may pass; it is counted} */
    public boolean admit(InetSocketAddress source) {
        return perSecond == 0
                || senders.rateOf(source, () -> stranger(source).pour(clock.nowNs()))
                        .orElseGet(() -> stranger(source))
                        .take(clock.nowNs());
    }

    private Bucket stranger(InetSocketAddress source) {
        return strangers.of(source, clock.nowNs());
    }
}
