package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.HostPort;
import java.util.List;

/**
 * The settings of one TCP endpoint, beside those of all that have connections.
 *
 * @param hosts {@code host-address}: where to listen
 * @param port {@code port}: 0 lets the kernel choose, {@link #NO_PORT} is none
 * @param backlog {@code backlog}: connections that the kernel holds until they are accepted
 * @param connect {@code connect}: servers that are members too
 */
record TcpSettings(List<String> hosts, int port, int backlog, List<Target> connect) {

    private static final int NO_PORT = -1;

    static TcpSettings read(TransportContext context) {
        var settings = context.settings();
        var connect = Targets.read(context);
        return new TcpSettings(
                HostPort.listening(settings),
                port(settings, connect.isEmpty()),
                settings.number("backlog", 1_024, 1, 65_535),
                connect);
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
