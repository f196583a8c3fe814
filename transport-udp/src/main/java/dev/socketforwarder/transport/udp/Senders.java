package dev.socketforwarder.transport.udp;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Who the senders of datagrams are: which registration is at their address, and what they registered. Remembers the last one,
 * since most come in runs. Used on the endpoint's thread.
 */
final class Senders {
    private final Map<InetSocketAddress, Registration> byAddress;
    private final Registrars registrars;
    private final TurnClock clock;

    private InetSocketAddress source; // null: whatever was known may have changed
    private Registration registration; // null: none
    private Registrar registrar; // null: it is none

    Senders(Map<InetSocketAddress, Registration> byAddress, Registrars registrars, TurnClock clock) {
        this.byAddress = byAddress;
        this.registrars = registrars;
        this.clock = clock;
    }

    /** There are other registrations than before. */
    void changed() {
        source = null;
    }

    private void lookUp(InetSocketAddress wanted) {
        if (wanted == source) {
            return;
        }
        source = wanted;
        registration = byAddress.get(wanted);
        registrar = registrars.at(wanted);
    }

    /** {@return whether {@code sender} is registered, or has registered something that still is} */
    boolean knows(InetSocketAddress sender) {
        lookUp(sender);
        return registration != null || registrar != null;
    }

    /** {@return the registration of {@code sender}'s own address, or null} */
    Registration at(InetSocketAddress sender) {
        lookUp(sender);
        return registration;
    }

    /** {@return what {@code sender} registered last, or null} */
    Registration lastOf(InetSocketAddress sender) {
        lookUp(sender);
        return registrar == null ? null : registrar.last();
    }

    /** Refresh what depends on {@code sender}: a datagram came from there. */
    void heard(InetSocketAddress sender) {
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
