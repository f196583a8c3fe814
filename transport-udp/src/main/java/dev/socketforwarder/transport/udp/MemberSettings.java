package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Settings;
import java.time.Duration;

/**
 * What configuration says about the members of one endpoint.
 *
 * @param leavePrefix how a datagram begins that ends a registration; at least one character
 * @param lease after which time a registration ends that nobody refreshes; 0: never
 * @param maxRegistrations members at most, preconfigured ones included
 */
record MemberSettings(String leavePrefix, Duration lease, int maxRegistrations) {
    static final String DEFAULT_LEAVE_PREFIX = "SOCKETFORWARDER-LEAVE:";
    static final int DEFAULT_MAX_REGISTRATIONS = 4096;

    private static final Duration LONGEST_LEASE = Duration.ofDays(30);

    static MemberSettings read(Settings settings, String prefix) {
        var leavePrefix = settings.text("leave-prefix", DEFAULT_LEAVE_PREFIX);
        if (leavePrefix.isEmpty() || leavePrefix.equals(prefix)) {
            throw settings.invalid(
                    "leave-prefix", leavePrefix, "at least one character, and not the new-client-prefix");
        }
        var lease = settings.duration("lease", Duration.ZERO, Duration.ZERO, LONGEST_LEASE);
        int maxRegistrations = settings.number("max-registrations", DEFAULT_MAX_REGISTRATIONS, 1, 1 << 20);
        return new MemberSettings(leavePrefix, lease, maxRegistrations);
    }
}
