package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.AddressKey;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How many registrations there may be, in all and of one address. Guarded by the {@link Registry}. */
final class RegistrationLimits {

    private final MemberSettings settings;
    private final Bucket rate;
    private final Map<AddressKey, Integer> byAddress = new HashMap<>();
    private int count;

    RegistrationLimits(MemberSettings settings, long nowNs) {
        this.settings = settings;
        this.rate = new Bucket(Math.max(1, settings.registrationRate()), nowNs);
    }

    /** {@return why there must not be one more that configuration names, if so} */
    Optional<Reason> preconfigured() {
        return count >= settings.maxRegistrations() ? Optional.of(Reason.TOO_MANY_REGISTRATIONS) : Optional.empty();
    }

    /** {@return why there must not be one more of this address, if so; the wish is counted} */
    Optional<Reason> wished(InetAddress address, long nowNs) {
        if (settings.maxPerAddress() > 0
                && byAddress.getOrDefault(AddressKey.of(address), 0) >= settings.maxPerAddress()) {
            return Optional.of(Reason.TOO_MANY_FROM_ADDRESS);
        }
        if (count >= settings.maxRegistrations()) {
            return Optional.of(Reason.TOO_MANY_REGISTRATIONS);
        }
        return settings.registrationRate() > 0 && !rate.take(nowNs)
                ? Optional.of(Reason.REGISTRATION_RATE)
                : Optional.empty();
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
