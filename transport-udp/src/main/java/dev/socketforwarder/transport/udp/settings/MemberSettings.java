package dev.socketforwarder.transport.udp.settings;

import dev.socketforwarder.api.Settings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * The settings for the members of one endpoint.
 *
 * @param registration how an address becomes a member
 * @param senders which senders' datagrams are forwarded
 * @param leavePrefix the beginning of a datagram that ends a registration; not empty
 * @param lease how long a registration lasts without a refresh; 0 means for ever
 * @param maxRegistrations the most members, including preconfigured ones
 * @param maxPerAddress the most registrations of one address, by default three quarters of all; 0 means no limit
 * @param registrationRate new registrations per second; 0 means no limit
 * @param senderRate datagrams per second and sender; 0 means no limit
 * @param unreachable how the endpoint treats an unreachable member
 * @param unreachableThreshold how many reports of the network make a member unreachable
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
    /** The length of a challenge: its prefix and a cookie. */
    public static final int CHALLENGE_BYTES = 20;

    public static final String DEFAULT_LEAVE_PREFIX = "SOCKETFORWARDER-LEAVE:";
    static final int DEFAULT_MAX_REGISTRATIONS = 4096;
    static final int DEFAULT_UNREACHABLE_THRESHOLD = 10;

    /**
     * For members that never asked to be members: the shortest time for which a NAT must remember a flow (RFC 4787).
     */
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
                    "prefix only if registration is auto, which asks no policy");
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
            throw settings.invalid("lease", "0s", "longer if registration is auto");
        }
        var senders = settings.choice("sender-policy", SenderPolicy.ANY);
        int maxRegistrations = settings.number("max-registrations", DEFAULT_MAX_REGISTRATIONS, 1, 1 << 20);
        // With fewer than four places one address may have all of them, since a quarter would be none.
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
                            + " bytes if registration is challenge, as long as the answers, which must not"
                            + " be larger than the requests");
        }
    }
}
