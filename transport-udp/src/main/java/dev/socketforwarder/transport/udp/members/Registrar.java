package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.function.Supplier;

/**
 * A source that registered addresses of its host. Known as long as one of them is registered. Changed where the {@link Registry}
 * is locked, read by any thread.
 */
final class Registrar {
    private final InetSocketAddress source;
    private final LinkedHashSet<Registration> registered = new LinkedHashSet<>();
    private volatile Registration last; // null: has ended
    private volatile long heardNs;
    private Bucket rate; // null: not counted yet

    Registrar(InetSocketAddress source) {
        this.source = source;
    }

    InetSocketAddress source() {
        return source;
    }

    /** {@return what it registered last, which gets nothing that it sends; null if that has ended} */
    Registration last() {
        return last;
    }

    void registered(Registration registration) {
        registered.add(registration);
        last = registration;
    }

    /** {@return whether it has registered nothing else} */
    boolean forget(Registration registration) {
        registered.remove(registration);
        if (last == registration) {
            last = null;
        }
        return registered.isEmpty();
    }

    /** {@return the count of what it sends} */
    synchronized Bucket rate(Supplier<Bucket> fresh) {
        if (rate == null) {
            rate = fresh.get();
        }
        return rate;
    }

    /** A datagram came from it. */
    void heard(long nowNs) {
        heardNs = nowNs;
    }

    long heardNs() {
        return heardNs;
    }
}
