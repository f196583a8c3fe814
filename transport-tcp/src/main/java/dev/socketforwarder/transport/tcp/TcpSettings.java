package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.HostPort;
import java.time.Duration;
import java.util.List;

/**
 * The settings of one TCP endpoint, apart from those of all endpoints with connections.
 *
 * @param hosts {@code host-address}: the addresses to listen on
 * @param port {@code port}: 0 lets the kernel choose, {@link #NO_PORT} means none
 * @param backlog {@code backlog}: how many connections the kernel holds until they are accepted
 * @param connect {@code connect}: servers that become members
 * @param connectTimeout {@code connect-timeout}: the longest wait for each address of a server
 */
record TcpSettings(List<String> hosts, int port, int backlog, List<Target> connect, Duration connectTimeout) {

    private static final int NO_PORT = -1;
    private static final Duration LONGEST = Duration.ofHours(1);

    static TcpSettings read(Settings settings) {
        var connect = Target.read(settings);
        return new TcpSettings(
                HostPort.listening(settings),
                port(settings, connect.isEmpty()),
                settings.number("backlog", 1_024, 1, 65_535),
                connect,
                settings.duration("connect-timeout", Duration.ofSeconds(10), Duration.ofMillis(10), LONGEST));
    }

    /** {@return whether the endpoint has a port; without one it only connects to servers} */
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
