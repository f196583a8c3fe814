package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers which source registered which address, bounded by the number of registrations. Guarded by the {@link
 * Registry}, except for {@link #at}, which any thread may call.
 */
final class Registrants {
    // All registrants of one registration have the registration's host, so they can only displace each other.
    static final int MOST_OF_ONE = 16;

    private final Map<InetSocketAddress, Registrant> bySource = new ConcurrentHashMap<>();

    /** {@return the registrant at {@code source}; null if none of its registrations is left} */
    Registrant at(InetSocketAddress source) {
        return bySource.get(source);
    }

    /** Remember that {@code source} made this registration. */
    void registered(InetSocketAddress source, Registration registration, long nowNs) {
        var by = bySource.computeIfAbsent(source, Registrant::new);
        by.registered(registration);
        by.heard(nowNs);
        var registrants = registration.registrants();
        registrants.addLast(by);
        if (registrants.size() > MOST_OF_ONE) {
            forget(registrants.removeFirst(), registration);
        }
    }

    /** Forget who made this registration. */
    void forget(Registration registration) {
        registration.registrants().forEach(by -> forget(by, registration));
    }

    private void forget(Registrant by, Registration registration) {
        if (by.forget(registration)) {
            bySource.remove(by.source());
        }
    }
}
