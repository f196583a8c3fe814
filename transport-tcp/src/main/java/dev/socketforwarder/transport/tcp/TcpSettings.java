package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.ListeningHosts;
import java.time.Duration;
import java.util.List;

/**
 * The settings of one TCP endpoint, beside those of all that have connections.
 *
 * @param hosts {@code host-address}: where to listen
 * @param port {@code port}: 0 lets the kernel choose, {@link #NO_PORT} is none
 * @param backlog {@code backlog}: connections that the kernel holds until they are accepted
 * @param connect {@code connect}: servers that are members too
 * @param connectTimeout {@code connect-timeout}: for each of a server's addresses
 */
record TcpSettings(List<String> hosts, int port, int backlog, List<Target> connect, Duration connectTimeout) {

    private static final int NO_PORT = -1;
    private static final Duration LONGEST = Duration.ofHours(1);

    static TcpSettings read(Settings settings) {
        var connect = Target.read(settings);
        return new TcpSettings(
                ListeningHosts.read(settings),
                port(settings, connect.isEmpty()),
                settings.number("backlog", 1_024, 1, 65_535),
                connect,
                settings.duration("connect-timeout", Duration.ofSeconds(10), Duration.ofMillis(10), LONGEST));
    }

    /** {@return whether it has a port; one that only connects to servers needs none} */
    boolean listens() {
        return port != NO_PORT;
    }

    private static int port(Settings settings, boolean isNeeded) {
        try {
            return settings.required("port", 0, 65_535);
        } catch (MissingSettingException e) {
            if (isNeeded) {
                throw e;
            }
            return NO_PORT;
        }
    }
}
