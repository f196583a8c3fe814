package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells for a sender which registration is at its address and which ones it made. Remembers the last sender, since
 * datagrams come in runs. Used on one thread of the endpoint.
 */
public final class Senders {
    private final Registry registry;
    private final TurnClock clock;

    private InetSocketAddress source; // null before the first
    private int version;
    private Registration registration; // null if there is none
    private Registrant registrant; // null if it made no registration
    private BatchOrigin origin; // null until needed

    Senders(Registry registry, TurnClock clock) {
        this.registry = registry;
        this.clock = clock;
    }

    private void lookUp(InetSocketAddress wanted) {
        int now = registry.version();
        if (wanted == source && now == version) {
            return;
        }
        // Read the version first: anything that changes after it is looked up again.
        version = now;
        source = wanted;
        registration = registry.at(wanted);
        registrant = registry.registrants().at(wanted);
        origin = null;
    }

    /** {@return whether {@code sender} is registered, or has made a registration that still exists} */
    public boolean knows(InetSocketAddress sender) {
        lookUp(sender);
        return registration != null || registrant != null;
    }

    /** {@return whether {@code sender} has made a registration that still exists} */
    boolean isRegistrant(InetSocketAddress sender) {
        lookUp(sender);
        return registrant != null;
    }

    /** {@return the origin for what {@code sender} sends, with the hop limit to send it on with} */
    BatchOrigin originOf(InetSocketAddress sender, int hops) {
        lookUp(sender);
        if (origin == null || origin.hops() != hops) {
            var last = registrant == null ? null : registrant.last();
            var holder = registration == null ? last : registration;
            origin = holder == null ? BatchOrigin.ofNobody(hops) : holder.origin(registration, last, hops);
        }
        return origin;
    }

    /** Refresh the registrations that depend on {@code sender}, because a datagram came from it. */
    public void heard(InetSocketAddress sender) {
        lookUp(sender);
        if (registration != null) {
            registration.heard(clock.nowNs());
        }
        if (registrant != null) {
            registrant.heard(clock.nowNs());
        }
    }

    /** {@return the bucket of a {@link #knows known} sender, possibly {@code fresh}; empty for a stranger} */
    Optional<TokenBucket> rateOf(InetSocketAddress sender, Supplier<TokenBucket> fresh) {
        lookUp(sender);
        if (registration != null) {
            return Optional.of(registration.rate(fresh));
        }
        return registrant == null ? Optional.empty() : Optional.of(registrant.rate(fresh));
    }
}
