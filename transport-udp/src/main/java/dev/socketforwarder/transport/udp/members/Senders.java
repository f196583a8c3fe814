package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Who the senders of datagrams are: which registration is at their address, and what they registered. Remembers the last one,
 * since most come in runs. Used on one thread of the endpoint.
 */
public final class Senders {
    private final Registry registry;
    private final TurnClock clock;

    private InetSocketAddress source; // null: nobody yet
    private int version;
    private Registration registration; // null: none
    private Registrar registrar; // null: it is none
    private Origin origin; // null: not asked for yet

    Senders(Registry registry, TurnClock clock) {
        this.registry = registry;
        this.clock = clock;
    }

    private void lookUp(InetSocketAddress wanted) {
        int now = registry.version();
        if (wanted == source && now == version) {
            return;
        }
        // The version first: what changes meanwhile is looked up again.
        version = now;
        source = wanted;
        registration = registry.at(wanted);
        registrar = registry.registrars().at(wanted);
        origin = null;
    }

    /** {@return whether {@code sender} is registered, or has registered something that still is} */
    public boolean knows(InetSocketAddress sender) {
        lookUp(sender);
        return registration != null || registrar != null;
    }

    /** {@return whether {@code sender} has itself asked for a registration that still is} */
    boolean isRegistrar(InetSocketAddress sender) {
        lookUp(sender);
        return registrar != null;
    }

    /** {@return whom what {@code sender} sends does not concern, and the hop limit that it goes on with} */
    Origin originOf(InetSocketAddress sender, int hops) {
        lookUp(sender);
        if (origin == null || origin.hops() != hops) {
            var last = registrar == null ? null : registrar.last();
            var holder = registration == null ? last : registration;
            origin = holder == null ? Origin.ofNobody(hops) : holder.origin(registration, last, hops);
        }
        return origin;
    }

    /** Refresh what depends on {@code sender}: a datagram came from there. */
    public void heard(InetSocketAddress sender) {
        lookUp(sender);
        if (registration != null) {
            registration.heard(clock.nowNs());
        }
        if (registrar != null) {
            registrar.heard(clock.nowNs());
        }
    }

    /** {@return the count of what {@code sender} sends, which may be {@code fresh}; empty if it is not {@link #knows known}} */
    Optional<Bucket> rateOf(InetSocketAddress sender, Supplier<Bucket> fresh) {
        lookUp(sender);
        if (registration != null) {
            return Optional.of(registration.rate(fresh));
        }
        return registrar == null ? Optional.empty() : Optional.of(registrar.rate(fresh));
    }
}
