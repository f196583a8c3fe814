package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers which source registered which address, bounded by the number of registrations. Guarded by the {@link
 * Registry}, except for {@link #at}, which any thread may call.
 */
final class Registrars {
    // All registrars of one registration share its host, so they can only displace each other.
    private static final int MOST_OF_ONE = 16;

    private final Map<InetSocketAddress, Registrar> bySource = new ConcurrentHashMap<>();

    /** {@return the registrar at {@code source}; null if none of its registrations is left} */
    Registrar at(InetSocketAddress source) {
        return bySource.get(source);
    }

    /** Remember that {@code source} made this registration. */
    void registered(InetSocketAddress source, Registration registration, long nowNs) {
        var by = bySource.computeIfAbsent(source, Registrar::new);
        by.registered(registration);
        by.heard(nowNs);
        var registrars = registration.registrars();
        registrars.addLast(by);
        if (registrars.size() > MOST_OF_ONE) {
            forget(registrars.removeFirst(), registration);
        }
    }

    /** Forget who made this registration. */
    void forget(Registration registration) {
        registration.registrars().forEach(by -> forget(by, registration));
    }

    private void forget(Registrar by, Registration registration) {
        if (by.forget(registration)) {
            bySource.remove(by.source());
        }
    }
}
