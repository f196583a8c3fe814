package dev.socketforwarder.transport.udp.members;

import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.function.Supplier;

/**
 * A source address that has registered addresses of its host. Kept as long as one of them is registered. Changed under
 * the lock of the {@link Registry}, read by any thread.
 */
final class Registrant {
    private final InetSocketAddress source;
    private final LinkedHashSet<Registration> registered = new LinkedHashSet<>();
    private volatile Registration last; // null once it has ended
    private volatile long heardNs;
    private TokenBucket rate; // null until needed

    Registrant(InetSocketAddress source) {
        this.source = source;
    }

    InetSocketAddress source() {
        return source;
    }

    /**
     * {@return the registration that this source made last, which gets nothing from the source; null if that
     * registration has ended}
     */
    Registration last() {
        return last;
    }

    void registered(Registration registration) {
        registered.add(registration);
        last = registration;
    }

    /**
     * Forget a registration.
     *
     * @return whether no other is left
     */
    boolean forget(Registration registration) {
        registered.remove(registration);
        if (last == registration) {
            last = null;
        }
        return registered.isEmpty();
    }

    /** {@return the bucket for what this source sends} */
    synchronized TokenBucket rate(Supplier<TokenBucket> fresh) {
        if (rate == null) {
            rate = fresh.get();
        }
        return rate;
    }

    /** Note that a datagram came from this source. */
    void heard(long nowNs) {
        heardNs = nowNs;
    }

    long heardNs() {
        return heardNs;
    }
}
