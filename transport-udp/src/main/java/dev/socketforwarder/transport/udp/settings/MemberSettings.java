package dev.socketforwarder.transport.udp.settings;

import dev.socketforwarder.api.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * What configuration says about the members of one endpoint.
 *
 * @param registration how an address becomes one
 * @param senders whose datagrams are forwarded
 * @param leavePrefix how a datagram begins that ends a registration; at least one character
 * @param lease after which time a registration ends that nobody refreshes; 0: never
 * @param maxRegistrations members at most, preconfigured ones included
 * @param maxPerAddress registrations of one address, 0: any; three quarters of all unless it is set
 * @param registrationRate new registrations a second, 0: any
 * @param senderRate datagrams a second of one sender, 0: any
 * @param unreachable what becomes of a member that cannot be reached
 * @param unreachableThreshold how often the network says so before
 */
public record MemberSettings(
        RegistrationMode registration,
        SenderPolicy senders,
        String leavePrefix,
        Duration lease,
        int maxRegistrations,
        int maxPerAddress,
        int registrationRate,
        int senderRate,
        Unreachable unreachable,
        int unreachableThreshold) {
    /** How long a forwarder's answer is that proves an address: its prefix and a cookie. */
    public static final int CHALLENGE_BYTES = 20;

    public static final String DEFAULT_LEAVE_PREFIX = "SOCKETFORWARDER-LEAVE:";
    static final int DEFAULT_MAX_REGISTRATIONS = 4096;
    static final int DEFAULT_UNREACHABLE_THRESHOLD = 10;

    /** For those who never said that they want to be members: as long as a NAT remembers a flow at least (RFC 4787). */
    static final Duration DEFAULT_AUTO_LEASE = Duration.ofMinutes(2);

    private static final Duration LONGEST_LEASE = Duration.ofDays(30);
    private static final List<String> DEFAULT_HANDSHAKE = List.of("prefix");

    static MemberSettings read(Settings settings, String prefix) {
        var registration = settings.choice("registration", RegistrationMode.OPEN);
        boolean isAuto = registration == RegistrationMode.AUTO;
        var handshake = settings.list("handshake", DEFAULT_HANDSHAKE);
        if (isAuto && !handshake.equals(DEFAULT_HANDSHAKE)) {
            throw settings.invalid(
                    "handshake",
                    String.join(", ", handshake),
                    "prefix alone where registration is auto, which asks no policy");
        }
        var leavePrefix = settings.text("leave-prefix", DEFAULT_LEAVE_PREFIX);
        if (registration == RegistrationMode.CHALLENGE) {
            checkLength(settings, "new-client-prefix", prefix);
            checkLength(settings, "leave-prefix", leavePrefix);
        }
        if (leavePrefix.isEmpty() || leavePrefix.equals(prefix)) {
            throw settings.invalid(
                    "leave-prefix", leavePrefix, "at least one character, and not the new-client-prefix");
        }
        var lease =
                settings.duration("lease", isAuto ? DEFAULT_AUTO_LEASE : Duration.ZERO, Duration.ZERO, LONGEST_LEASE);
        if (isAuto && lease.isZero()) {
            throw settings.invalid("lease", "0s", "more than that where registration is auto");
        }
        var senders = settings.choice("sender-policy", SenderPolicy.ANY);
        int maxRegistrations = settings.number("max-registrations", DEFAULT_MAX_REGISTRATIONS, 1, 1 << 20);
        // Of so few that no quarter is a place, one address may have any.
        int usualPerAddress = maxRegistrations < 4 ? 0 : 3 * maxRegistrations / 4;
        return new MemberSettings(
                registration,
                senders,
                leavePrefix,
                lease,
                maxRegistrations,
                settings.number("max-registrations-per-address", usualPerAddress, 0, 1 << 20),
                settings.number("registration-rate", 0, 0, 1 << 20),
                settings.number("sender-rate", 0, 0, Integer.MAX_VALUE),
                settings.choice("unreachable", Unreachable.KEEP),
                settings.number("unreachable-threshold", DEFAULT_UNREACHABLE_THRESHOLD, 1, 1 << 20));
    }

    private static void checkLength(Settings settings, String key, String prefix) {
        if (prefix.getBytes(StandardCharsets.UTF_8).length < CHALLENGE_BYTES) {
            throw settings.invalid(
                    key,
                    prefix,
                    "at least " + CHALLENGE_BYTES
                            + " bytes where registration is challenge, as the answers are: they must not"
                            + " be larger than what asks for them");
        }
    }
}
