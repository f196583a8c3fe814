package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.Compat;
import dev.socketforwarder.runtime.streams.loop.FairPlaces;
import java.time.Duration;

/**
 * The settings of every endpoint with connections. Where 0 is allowed, 0 means no limit unless stated otherwise.
 *
 * @param readSize {@code max-read-in-size}: the most bytes of one read
 * @param firstMessageLimit {@code first-message-limit}: the most bytes of a first message; more for codecs, whose requests may have
 *     headers
 * @param firstMessageTimeout {@code first-message-timeout}: how long a first message may take, from the accept on
 * @param firstMessages {@code max-first-messages}: the most connections that have not joined yet
 * @param halfClose {@code half-close}: what becomes of a member whose peer shuts its sending side
 * @param refusalReply {@code refusal-reply}: whether a client that is refused is told why
 * @param perAddress {@code max-connections-per-address}: three quarters of all connections, unless it is set
 * @param hasUsualPerAddress whether {@code perAddress} is the usual limit, which holds for all endpoints together
 * @param acceptRate {@code accept-rate-per-address}: the most new connections of one address per second
 * @param idleTimeout {@code idle-timeout}: how long a member may neither send nor receive anything
 * @param writeDeadline {@code write-deadline}: how long a member may take nothing while something waits for it
 * @param sendBuffer {@code send-buffer}: bytes that the kernel is asked to buffer per connection; 0: the kernel decides
 */
public record StreamSettings(
        int readSize,
        int firstMessageLimit,
        Duration firstMessageTimeout,
        int firstMessages,
        HalfClose halfClose,
        boolean refusalReply,
        int perAddress,
        boolean hasUsualPerAddress,
        int acceptRate,
        Duration idleTimeout,
        Duration writeDeadline,
        int sendBuffer) {

    private static final int MANY = 10_000_000;
    private static final Duration LONGEST = Duration.ofDays(7);

    /** What becomes of a member whose peer shuts its sending side. */
    enum HalfClose {
        /** The member leaves, gets what is queued for it, and is closed. */
        LEAVE,
        /** The member stays as a receiver. */
        KEEP
    }

    /**
     * {@return the default limit of connections of one address, in a process that may have {@code connections} in all}
     */
    public static int usualPerAddress(int connections) {
        return Math.min(MANY, FairPlaces.threeQuarters(connections));
    }

    private static HalfClose usualHalfClose(Settings settings) {
        return Compat.of(settings) == Compat.ORIGINAL ? HalfClose.KEEP : HalfClose.LEAVE;
    }

    /** Read the settings of an endpoint, in a process that may have {@code connections} in all. */
    static StreamSettings read(Settings settings, int connections, boolean haveCodecs) {
        int usualPerAddress = usualPerAddress(connections);
        int perAddress = settings.number("max-connections-per-address", usualPerAddress, 0, MANY);
        return new StreamSettings(
                (int) settings.size("max-read-in-size", 65_536, 1, 1 << 24),
                (int) settings.size("first-message-limit", haveCodecs ? 8_192 : 1_024, 32, 65_536),
                settings.duration(
                        "first-message-timeout", Duration.ofSeconds(5), Duration.ofMillis(10), Duration.ofHours(1)),
                settings.number("max-first-messages", 10_000, 1, MANY),
                settings.choice("half-close", usualHalfClose(settings)),
                settings.flag("refusal-reply", false),
                perAddress,
                perAddress == usualPerAddress,
                settings.number("accept-rate-per-address", 0, 0, MANY),
                settings.duration("idle-timeout", Duration.ZERO, Duration.ZERO, LONGEST),
                settings.duration("write-deadline", Duration.ofMinutes(1), Duration.ZERO, LONGEST),
                (int) settings.size("send-buffer", 0, 0, 1 << 30));
    }
}
