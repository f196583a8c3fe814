package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who registered what. Bounded by the registrations there are. Guarded by the {@link Registry}, but for
 * {@link #at}, which any thread may call.
 */
final class Registrars {
    // All registrars of one registration have the same host, so it can push out none of anybody else.
    private static final int MOST_OF_ONE = 16;

    private final Map<InetSocketAddress, Registrar> bySource = new ConcurrentHashMap<>();

    /** {@return the registrar at {@code source}, or null if that has registered nothing that still is} */
    Registrar at(InetSocketAddress source) {
        return bySource.get(source);
    }

    /** Remember that {@code source} registered this. */
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

    /** Forget who registered this. */
    void forget(Registration registration) {
        registration.registrars().forEach(by -> forget(by, registration));
    }

    private void forget(Registrar by, Registration registration) {
        if (by.forget(registration)) {
            bySource.remove(by.source());
        }
    }
}
