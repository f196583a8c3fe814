package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.ListeningSettings;
import java.util.List;

/**
 * The settings that only TCP endpoints have; the streams read those of all endpoints with connections.
 *
 * @param listening where to listen; nowhere if the endpoint has no port, and so only connects to servers
 * @param connect {@code connect}: servers that become members
 */
record TcpSettings(ListeningSettings listening, List<Target> connect) {

    static TcpSettings read(TransportContext context) {
        var connect = Targets.read(context);
        return new TcpSettings(listening(context, connect.isEmpty()), connect);
    }

    private static ListeningSettings listening(TransportContext context, boolean isNeeded) {
        try {
            return ListeningSettings.read(context.settings());
        } catch (MissingSettingException e) {
            if (isNeeded) {
                throw e;
            }
            return ListeningSettings.NOWHERE;
        }
    }
}
