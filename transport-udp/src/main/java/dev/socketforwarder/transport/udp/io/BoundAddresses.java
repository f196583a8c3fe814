package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.kit.ListeningHosts;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Binds the sockets of one endpoint, of any kind {@code S}: one for each address, all with one port, all or none.
 */
public final class BoundAddresses {
    private static final Logger LOG = System.getLogger(BoundAddresses.class.getName());
    // The kernel chooses a port for the first address; somebody may have it already at another.
    private static final int ATTEMPTS = 10;

    /** What to do with sockets of one kind. */
    public interface Kind<S> {
        /**
         * {@return a new socket bound there}
         *
         * @param shares whether others are bound there already
         */
        S bind(InetSocketAddress address, boolean shares) throws IOException;

        /** {@return the port that a socket has} */
        int port(S socket) throws IOException;

        void close(S socket) throws IOException;
    }

    private BoundAddresses() {}

    /**
     * {@return the sockets, in the order of the addresses; at least one}
     *
     * @throws IOException if one cannot be bound; the message is for the user
     */
    public static <S> List<S> bind(String endpoint, UdpSettings settings, Kind<S> kind) throws IOException {
        var addresses = ListeningHosts.resolve("transports." + endpoint + ".host-address", settings.hosts());
        Multicast.check(endpoint, settings.multicast(), addresses);
        for (int attempt = 1; ; attempt++) {
            try {
                return bind(settings, addresses, kind);
            } catch (IOException e) {
                if (settings.port() != 0 || addresses.size() == 1 || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static <S> List<S> bind(UdpSettings settings, List<InetAddress> addresses, Kind<S> kind)
            throws IOException {
        var sockets = new ArrayList<S>();
        try {
            int port = settings.port();
            for (var address : addresses) {
                var socket = kind.bind(new InetSocketAddress(address, port), false);
                sockets.add(socket);
                port = kind.port(socket);
            }
            return sockets;
        } catch (IOException e) {
            for (var socket : sockets) {
                kind.close(socket);
            }
            throw e;
        }
    }

    /**
     * {@return more sockets for all of these {@code addresses}, which others are bound to that share them}
     *
     * <p>They have no part in multicast: each datagram would come to each socket.
     *
     * @throws IOException if one cannot be bound; the message is for the user
     */
    public static <S> List<S> bindBeside(List<InetSocketAddress> addresses, Kind<S> kind) throws IOException {
        var sockets = new ArrayList<S>();
        try {
            for (var address : addresses) {
                sockets.add(kind.bind(address, true));
            }
            return sockets;
        } catch (IOException e) {
            for (var socket : sockets) {
                kind.close(socket);
            }
            throw e;
        }
    }

    /** Say so if the kernel granted smaller buffers than it was asked for, and what to do. */
    public static void warnOfSmallBuffers(String endpoint, UdpSettings.Buffers asked, UdpSettings.Buffers granted) {
        if (granted.receive() >= asked.receive() && granted.send() >= asked.send()) {
            return;
        }
        LOG.log(
                Level.WARNING,
                "Endpoint {0}: the kernel granted socket buffers of {1} bytes for receiving and {2} for sending where {3}"
                        + " and {4} were asked, so bursts may be lost; remedy: sysctl -w net.core.rmem_max={3}"
                        + " net.core.wmem_max={4}, or set receive-buffer and send-buffer",
                endpoint,
                Integer.toString(granted.receive()),
                Integer.toString(granted.send()),
                Integer.toString(asked.receive()),
                Integer.toString(asked.send()));
    }
}
