package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.AddressKey;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Limits the number of registrations, of all addresses and of each. Guarded by the {@link Registry}. */
final class RegistrationLimits {

    private final TokenBucket rate;
    private final Map<AddressKey, Integer> byAddress = new HashMap<>();
    private MemberSettings settings;
    private int count;

    RegistrationLimits(MemberSettings settings, long nowNs) {
        this.settings = settings;
        this.rate = new TokenBucket(nowNs);
    }

    /** Go by other limits from now on. Registrations beyond them stay. */
    void adopt(MemberSettings changed) {
        settings = changed;
    }

    /** {@return why another preconfigured registration is refused; empty if it is not} */
    Optional<Reason> preconfigured() {
        return count >= settings.maxRegistrations() ? Optional.of(Reason.TOO_MANY_REGISTRATIONS) : Optional.empty();
    }

    /**
     * Count a request for a registration.
     *
     * @return why it is refused; empty if it is not
     */
    Optional<Reason> wished(InetAddress address, long nowNs) {
        var full = restored(address);
        return full.isEmpty() && settings.registrationRate() > 0 && !rate.take(settings.registrationRate(), nowNs)
                ? Optional.of(Reason.REGISTRATION_RATE)
                : full;
    }

    /** {@return why a registration that was made before a restart is refused; empty if it is not} */
    Optional<Reason> restored(InetAddress address) {
        if (settings.maxPerAddress() > 0
                && byAddress.getOrDefault(AddressKey.of(address), 0) >= settings.maxPerAddress()) {
            return Optional.of(Reason.TOO_MANY_FROM_ADDRESS);
        }
        return preconfigured();
    }

    void added(Registration registration) {
        count++;
        if (!registration.isPreconfigured()) {
            byAddress.merge(AddressKey.of(registration.address().getAddress()), 1, Integer::sum);
        }
    }

    void removed(Registration registration) {
        count--;
        if (!registration.isPreconfigured()) {
            byAddress.computeIfPresent(
                    AddressKey.of(registration.address().getAddress()), (_, there) -> there == 1 ? null : there - 1);
        }
    }
}
