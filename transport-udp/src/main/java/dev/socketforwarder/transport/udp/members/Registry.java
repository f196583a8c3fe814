package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds the registrations of one endpoint for all its threads. Changes, and decisions that take several looks,
 * synchronize on this object; a single look takes no lock.
 */
public final class Registry {
    private final Map<InetSocketAddress, Registration> byAddress = new ConcurrentHashMap<>();
    private final Registrants registrants = new Registrants();
    private final RegistrationLimits limits;
    // Written under this object's lock.
    private volatile int version;
    private volatile int unproven;

    /** Make an empty registry. */
    public Registry(MemberSettings settings, long nowNs) {
        limits = new RegistrationLimits(settings, nowNs);
    }

    /** {@return the number of changes so far} */
    int version() {
        return version;
    }

    /** Note a change, which invalidates what is cached about senders. Called under the lock. */
    void changed() {
        version = version + 1;
    }

    /** {@return the registration of this address; null if there is none} */
    Registration at(InetSocketAddress address) {
        return byAddress.get(address);
    }

    /** {@return all registrations; the view may change during iteration} */
    Collection<Registration> all() {
        return byAddress.values();
    }

    /** {@return whether a member may be a forwarder, because it did not register itself} */
    boolean hasUnproven() {
        return unproven > 0;
    }

    /** {@return which source registered which address} */
    Registrants registrants() {
        return registrants;
    }

    /** {@return the limits on registrations; used under the lock} */
    RegistrationLimits limits() {
        return limits;
    }

    /** {@return what outlives the endpoint: all registrations that peers made} */
    synchronized List<SavedRegistration> saved(long nowNs) {
        return byAddress.values().stream()
                .filter(registration -> !registration.isPreconfigured())
                .map(registration -> SavedRegistration.of(registration, nowNs))
                .toList();
    }

    /** Add a registration at a free address. Called under the lock. */
    void add(Registration registration) {
        byAddress.put(registration.address(), registration);
        limits.added(registration);
        unproven = unproven + (registration.isProven() ? 0 : 1);
        changed();
    }

    /**
     * Remove a registration, which gets nothing from now on.
     *
     * @return whether it was there
     */
    synchronized boolean remove(Registration registration) {
        if (!byAddress.remove(registration.address(), registration)) {
            return false;
        }
        registration.end();
        limits.removed(registration);
        unproven = unproven - (registration.isProven() ? 0 : 1);
        registrants.forget(registration);
        changed();
        return true;
    }
}
