package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.ListeningHosts;
import java.util.List;

/**
 * The settings that only TCP endpoints have; the streams read those of all endpoints with connections.
 *
 * @param hosts {@code host-address}: the addresses to listen on
 * @param port {@code port}: 0 lets the kernel choose, {@link #NO_PORT} means none
 * @param reusePort {@code reuse-port}: another process of this user may bind the port too
 * @param backlog {@code backlog}: how many connections the kernel holds until they are accepted
 * @param connect {@code connect}: servers that become members
 */
record TcpSettings(List<String> hosts, int port, boolean reusePort, int backlog, List<Target> connect) {

    private static final int NO_PORT = -1;

    static TcpSettings read(TransportContext context) {
        var settings = context.settings();
        var connect = Targets.read(context);
        return new TcpSettings(
                ListeningHosts.read(settings),
                port(settings, connect.isEmpty()),
                settings.flag("reuse-port", false),
                settings.number("backlog", 1_024, 1, 65_535),
                connect);
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
