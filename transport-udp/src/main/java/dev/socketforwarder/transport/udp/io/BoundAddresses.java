package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Binds the sockets of one endpoint, of any kind {@code S}: one for each address, all with the same port, all or none.
 */
public final class BoundAddresses {
    private static final Logger LOG = System.getLogger(BoundAddresses.class.getName());
    // The kernel chooses a port for the first address, which another process may already use at a further address.
    private static final int ATTEMPTS = 10;

    /** Binds sockets of one kind. */
    public interface Kind<S> {
        /**
         * {@return a new bound socket}
         *
         * @param shares whether other sockets are already bound to the address
         */
        S bind(InetSocketAddress address, boolean shares) throws IOException;

        /** {@return the port of a socket} */
        int port(S socket) throws IOException;

        void close(S socket) throws IOException;
    }

    private BoundAddresses() {}

    /**
     * {@return the sockets in the order of the addresses; at least one}
     *
     * @throws IOException if an address cannot be bound; the message is for the user
     */
    public static <S> List<S> bind(String endpoint, UdpSettings settings, Kind<S> kind) throws IOException {
        var addresses = HostPort.resolve("transports." + endpoint + ".host-address", settings.hosts());
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
     * {@return further sockets for these {@code addresses}, which other sockets are bound to and share}
     *
     * <p>They take no part in multicast, where each datagram would arrive at each socket.
     *
     * @throws IOException if an address cannot be bound; the message is for the user
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

    /** Warn if the kernel granted smaller buffers than requested, and say what to do. */
    public static void warnOfSmallBuffers(String endpoint, UdpSettings.Buffers asked, UdpSettings.Buffers granted) {
        if (granted.receive() >= asked.receive() && granted.send() >= asked.send()) {
            return;
        }
        LOG.log(
                Level.WARNING,
                "Endpoint {0}: the kernel granted socket buffers of {1} bytes for receiving and {2} for sending instead of {3}"
                        + " and {4}, so bursts may be lost; remedy: sysctl -w net.core.rmem_max={3}"
                        + " net.core.wmem_max={4}, or set receive-buffer and send-buffer",
                endpoint,
                Integer.toString(granted.receive()),
                Integer.toString(granted.send()),
                Integer.toString(asked.receive()),
                Integer.toString(asked.send()));
    }
}
