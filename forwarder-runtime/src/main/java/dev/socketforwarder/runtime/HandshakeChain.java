package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Asks the policies of an endpoint in their order, until one does not decline. If all do, the last one's reason counts.
 * What a policy throws costs the peer that it was thrown for.
 */
final class HandshakeChain implements Handshake {
    private static final Logger LOG = System.getLogger(HandshakeChain.class.getName());
    private static final long BETWEEN_TRACES_NS = Duration.ofMinutes(1).toNanos();
    private static final Outcome NOT_ADMITTED = new Rejected(Reason.NOT_ADMITTED);
    private static final Outcome FAILED = new Rejected(Reason.HANDSHAKE_FAILED);

    /** One policy's handshake, and how the log names it. */
    record Link(String policy, Handshake handshake) {}

    private final List<Link> links;
    private final LongSupplier nanoClock;
    private final AtomicLong nextTraceNs;

    HandshakeChain(List<Link> links, LongSupplier nanoClock) {
        this.links = List.copyOf(links);
        this.nanoClock = nanoClock;
        this.nextTraceNs = new AtomicLong(nanoClock.getAsLong());
    }

    @Override
    public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
        var last = NOT_ADMITTED;
        for (var link : links) {
            var outcome = ask(link, peer, bytes, arrival);
            if (!(outcome instanceof Declined(var reason))) {
                return outcome;
            }
            last = new Rejected(reason);
        }
        return last;
    }

    private Outcome ask(Link link, Peer peer, ByteBuffer bytes, Arrival arrival) {
        try {
            // A view for each, since reading moves the position.
            var outcome = link.handshake().consider(peer, bytes.slice().asReadOnlyBuffer(), arrival);
            if (outcome instanceof Admitted(var argument, int consumed)
                    && (argument == null || consumed < 0 || consumed > bytes.remaining())) {
                throw new IllegalStateException("admitted with " + consumed + " of " + bytes.remaining() + " bytes");
            }
            if (outcome == null) {
                throw new IllegalStateException("no outcome");
            }
            return outcome;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            logTrace(link, e);
            return FAILED;
        }
    }

    /** Peers can make it fail as often as they like, so not each time. */
    private void logTrace(Link link, Throwable thrown) {
        long now = nanoClock.getAsLong();
        long next = nextTraceNs.get();
        if (now - next >= 0 && nextTraceNs.compareAndSet(next, now + BETWEEN_TRACES_NS)) {
            LOG.log(Level.WARNING, "Handshake policy " + link.policy() + " failed; its peers are turned away", thrown);
        }
    }
}
