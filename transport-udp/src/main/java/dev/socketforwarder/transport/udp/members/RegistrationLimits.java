package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Limits the number of registrations. IPv6 addresses count by their first 64 bits, since one host may use all addresses
 * with the same ones. Guarded by the {@link Registry}.
 */
final class RegistrationLimits {

    private record Host(long bits, boolean isIpv6) {
        static Host of(InetAddress address) {
            var bytes = ByteBuffer.wrap(address.getAddress());
            return address instanceof Inet6Address ? new Host(bytes.getLong(), true) : new Host(bytes.getInt(), false);
        }
    }

    private final MemberSettings settings;
    private final TokenBucket rate;
    private final Map<Host, Integer> byHost = new HashMap<>();
    private int count;

    RegistrationLimits(MemberSettings settings, long nowNs) {
        this.settings = settings;
        this.rate = new TokenBucket(Math.max(1, settings.registrationRate()), nowNs);
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
        if (settings.maxPerAddress() > 0 && byHost.getOrDefault(Host.of(address), 0) >= settings.maxPerAddress()) {
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
            byHost.merge(Host.of(registration.address().getAddress()), 1, Integer::sum);
        }
    }

    void removed(Registration registration) {
        count--;
        if (!registration.isPreconfigured()) {
            byHost.computeIfPresent(
                    Host.of(registration.address().getAddress()), (_, there) -> there == 1 ? null : there - 1);
        }
    }
}
