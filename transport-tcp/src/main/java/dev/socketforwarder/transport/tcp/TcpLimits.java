package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Settings;
import java.time.Duration;

/**
 * How much of an endpoint one peer, or all together, may take. Where 0 is allowed, it means no limit.
 *
 * @param firstMessages {@code max-first-messages}: connections that have not joined yet
 * @param perAddress {@code max-connections-per-address}
 * @param acceptRate {@code accept-rate-per-address}: connections a second
 * @param idleTimeout {@code idle-timeout}: how long nothing may go either way
 * @param writeDeadline {@code write-deadline}: how long a member may take nothing of what waits for it
 */
record TcpLimits(int firstMessages, int perAddress, int acceptRate, Duration idleTimeout, Duration writeDeadline) {

    private static final int MANY = 10_000_000;
    private static final Duration LONGEST = Duration.ofDays(7);

    static TcpLimits read(Settings settings) {
        return new TcpLimits(
                settings.number("max-first-messages", 10_000, 1, MANY),
                settings.number("max-connections-per-address", 0, 0, MANY),
                settings.number("accept-rate-per-address", 0, 0, MANY),
                settings.duration("idle-timeout", Duration.ZERO, Duration.ZERO, LONGEST),
                settings.duration("write-deadline", Duration.ofMinutes(1), Duration.ZERO, LONGEST));
    }
}
