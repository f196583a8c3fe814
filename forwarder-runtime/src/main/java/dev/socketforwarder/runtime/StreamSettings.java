package dev.socketforwarder.runtime;

import dev.socketforwarder.api.AddressFilter;
import dev.socketforwarder.api.Settings;
import java.time.Duration;

/**
 * The settings of {@link StreamServer}; the TCP transport's have the same names and meanings.
 *
 * @param filter {@code allow} and {@code deny}
 * @param readSize {@code max-read-in-size}: the most bytes of one read
 * @param firstMessageLimit {@code first-message-limit}: bytes
 * @param firstMessageTimeout {@code first-message-timeout}: from the accept on
 * @param firstMessages {@code max-first-messages}: connections that have not joined yet
 * @param halfClose {@code half-close}: what becomes of a member that shuts its sending side
 * @param idleTimeout {@code idle-timeout}: how long nothing may go either way; 0: for ever
 * @param writeDeadline {@code write-deadline}: how long a member may take nothing of what waits for it; 0: for ever
 */
record StreamSettings(
        AddressFilter filter,
        int readSize,
        int firstMessageLimit,
        Duration firstMessageTimeout,
        int firstMessages,
        HalfClose halfClose,
        Duration idleTimeout,
        Duration writeDeadline) {

    /** What becomes of a member that shuts its sending side. */
    enum HalfClose {
        /** It leaves, gets what is queued for it, and is closed. */
        LEAVE,
        /** It stays as a receiver. */
        KEEP
    }

    private static final Duration LONGEST = Duration.ofDays(7);

    static StreamSettings read(Settings settings) {
        return new StreamSettings(
                AddressFilter.read(settings),
                (int) settings.size("max-read-in-size", 65_536, 1, StreamServer.READ_BYTES),
                (int) settings.size("first-message-limit", 1_024, 32, 65_536),
                settings.duration(
                        "first-message-timeout", Duration.ofSeconds(5), Duration.ofMillis(10), Duration.ofHours(1)),
                settings.number("max-first-messages", 10_000, 1, 10_000_000),
                settings.choice("half-close", HalfClose.LEAVE),
                settings.duration("idle-timeout", Duration.ZERO, Duration.ZERO, LONGEST),
                settings.duration("write-deadline", Duration.ofMinutes(1), Duration.ZERO, LONGEST));
    }
}
