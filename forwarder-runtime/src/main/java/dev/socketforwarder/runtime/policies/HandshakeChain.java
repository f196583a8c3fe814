package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.logging.OnceAMinute;
import dev.socketforwarder.runtime.process.TimeLimit;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Asks the policies of an endpoint in their order until one does not decline. If all decline, the last reason counts. A
 * policy that throws fails only the handshake of the peer in question.
 */
public final class HandshakeChain implements Handshake {
    private static final Logger LOG = System.getLogger(HandshakeChain.class.getName());
    private static final long LONGEST_NS = Duration.ofSeconds(1).toNanos();
    private static final Declined NOBODY_ASKED = new Declined(Reason.NOT_ADMITTED);
    private static final Outcome FAILED = new Rejected(Reason.HANDSHAKE_FAILED);

    /** One policy's handshake, with the policy's name for the log. */
    public record Link(String policy, Handshake handshake, boolean isForeign) {}

    private final List<Link> links;
    private final LongSupplier nanoClock;
    private final OnceAMinute lines;

    public HandshakeChain(List<Link> links, LongSupplier nanoClock) {
        this.links = List.copyOf(links);
        this.nanoClock = nanoClock;
        this.lines = new OnceAMinute(nanoClock);
    }

    @Override
    public void prepare() throws IOException {
        for (var link : links) {
            link.handshake().prepare();
        }
    }

    /** Close all handshakes. A plugin's handshake gets a time limit, since the stop waits for it. */
    @Override
    public void close() {
        for (var link : links) {
            try {
                if (link.isForeign()) {
                    TimeLimit.call("policy-close", TimeLimit.AT_STOP, () -> false, () -> {
                        link.handshake().close();
                        return null;
                    });
                } else {
                    link.handshake().close();
                }
            } catch (RuntimeException | Error | ExecutionException | TimeoutException e) {
                Fatal.rethrow(e);
                LOG.log(Level.WARNING, "Handshake policy " + link.policy() + " cannot be closed", e);
            }
        }
    }

    @Override
    public boolean isConfidential() {
        return links.stream().anyMatch(link -> link.handshake().isConfidential());
    }

    /** The largest of all policies: a policy that no first message satisfies counts as zero. */
    @Override
    public int shortestMessage() {
        return links.stream()
                .mapToInt(link -> link.handshake().shortestMessage())
                .max()
                .orElse(0);
    }

    /** {@return whether the chain has a plugin's policy, whose answer may take any time} */
    public boolean isForeign() {
        return links.stream().anyMatch(Link::isForeign);
    }

    @Override
    public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
        var last = NOBODY_ASKED;
        for (var link : links) {
            var outcome = ask(link, peer, bytes, arrival);
            if (!(outcome instanceof Declined declined)) {
                return outcome;
            }
            last = declined;
        }
        return new Rejected(last.reason(), last.detail());
    }

    private Outcome ask(Link link, Peer peer, ByteBuffer bytes, Arrival arrival) {
        int position = bytes.position();
        int limit = bytes.limit();
        long beganNs = link.isForeign() ? nanoClock.getAsLong() : 0;
        try {
            return checked(link.handshake().consider(peer, bytes, arrival), limit - position);
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            logTrace(link, e);
            return FAILED;
        } finally {
            // No copy of the view for each policy: this may run for every datagram.
            bytes.limit(limit).position(position);
            if (link.isForeign() && nanoClock.getAsLong() - beganNs > LONGEST_NS) {
                logSlow(link, nanoClock.getAsLong() - beganNs);
            }
        }
    }

    /** Log that a policy was slow: it held up other handshakes, or the thread of a UDP endpoint. */
    private void logSlow(Link link, long tookNs) {
        if (lines.isDue()) {
            LOG.log(
                    Level.WARNING,
                    "Handshake policy " + link.policy() + " took " + Values.shown(Duration.ofMillis(tookNs / 1_000_000))
                            + " for one peer: it must not block, since others wait for the same thread");
        }
    }

    private static Outcome checked(Outcome outcome, int length) {
        if (outcome == null || !isWhole(outcome)) {
            throw new IllegalStateException("no outcome, or an incomplete one: " + outcome);
        }
        if (outcome instanceof Admitted admitted && (admitted.consumed() < 0 || admitted.consumed() > length)) {
            throw new IllegalStateException("admitted with " + admitted.consumed() + " of " + length + " bytes");
        }
        return outcome;
    }

    private static boolean isWhole(Outcome outcome) {
        return switch (outcome) {
            case Admitted admitted -> admitted.argument() != null;
            case Declined(var reason, var detail) -> reason != null && detail != null;
            case Rejected(var reason, var detail) -> reason != null && detail != null;
            case Challenge(var reply) -> reply != null;
            case NeedMore() -> true;
        };
    }

    /** Log the trace at most once a minute, since peers can provoke it. */
    private void logTrace(Link link, Throwable thrown) {
        if (lines.isDue()) {
            LOG.log(Level.WARNING, "Handshake policy " + link.policy() + " failed; its peers are refused", thrown);
        }
    }
}
