package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is registered at one endpoint, for all its threads. Whoever changes it, or decides by more than one look, locks it as an
 * object; single looks take no lock.
 */
public final class Registry {
    private final Map<InetSocketAddress, Registration> byAddress = new ConcurrentHashMap<>();
    private final Registrars registrars = new Registrars();
    private final RegistrationLimits limits;
    // Written where this is locked.
    private volatile int version;
    private volatile int unproven;

    /** Make one with nobody in it. */
    public Registry(MemberSettings settings, long nowNs) {
        limits = new RegistrationLimits(settings, nowNs);
    }

    /** {@return how often it has changed} */
    int version() {
        return version;
    }

    /** Something has changed: what was known of senders may be wrong. Locked. */
    void changed() {
        version = version + 1;
    }

    /** {@return the registration of this address, or null} */
    Registration at(InetSocketAddress address) {
        return byAddress.get(address);
    }

    /** {@return all; while it is gone through there may be more, or fewer} */
    Collection<Registration> all() {
        return byAddress.values();
    }

    /** {@return whether any of them may be a forwarder: it did not register itself, as no forwarder does} */
    boolean hasUnproven() {
        return unproven > 0;
    }

    /** {@return who registered what} */
    Registrars registrars() {
        return registrars;
    }

    /** {@return how many there may be. Locked} */
    RegistrationLimits limits() {
        return limits;
    }

    /** Add one at an address that has none. Locked. */
    void add(Registration registration) {
        byAddress.put(registration.address(), registration);
        limits.added(registration);
        unproven = unproven + (registration.isProven() ? 0 : 1);
        changed();
    }

    /** {@return whether it was there, and is no more; it gets nothing from now on} */
    synchronized boolean remove(Registration registration) {
        if (!byAddress.remove(registration.address(), registration)) {
            return false;
        }
        registration.end();
        limits.removed(registration);
        unproven = unproven - (registration.isProven() ? 0 : 1);
        registrars.forget(registration);
        changed();
        return true;
    }
}
