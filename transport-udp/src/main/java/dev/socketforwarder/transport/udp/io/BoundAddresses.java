package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.api.kit.ListeningHosts;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

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
         * @param shares whether the socket shares its port with others
         */
        S bind(InetSocketAddress address, boolean shares) throws IOException;

        /** {@return a socket that the service manager has bound} */
        S adopt(InheritedSocket inherited) throws IOException;

        /** {@return the port of a socket} */
        int port(S socket) throws IOException;

        void close(S socket) throws IOException;
    }

    private BoundAddresses() {}

    /**
     * {@return the sockets: those of the service manager, then the others in the order of the addresses; at least one}
     *
     * @throws IOException if an address cannot be bound; the message is for the user
     */
    public static <S> List<S> bind(TransportContext context, UdpSettings settings, Kind<S> kind) throws IOException {
        var endpoint = context.name();
        var addresses = ListeningHosts.resolve("transports." + endpoint + ".host-address", settings.hosts());
        var inherited = context.inheritedSockets(Protocol.UDP, at(addresses, settings.port()));
        if (!inherited.isEmpty() && settings.sockets() > 1) {
            throw new IOException("transports." + endpoint + ".sockets: the service manager's socket cannot share its"
                    + " port; set it to 1");
        }
        var own = addresses.stream()
                .filter(address -> inherited.stream()
                        .noneMatch(each -> each.replaces(new InetSocketAddress(address, settings.port()))))
                .toList();
        var all = Stream.concat(inherited.stream().map(each -> each.address().getAddress()), own.stream());
        Multicast.check(endpoint, settings.multicast(), all.toList());
        for (int attempt = 1; ; attempt++) {
            try {
                return bind(endpoint, settings, inherited, own, kind);
            } catch (IOException e) {
                if (settings.port() != 0 || own.size() <= 1 || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static List<InetSocketAddress> at(List<InetAddress> addresses, int port) {
        return addresses.stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    private static <S> List<S> bind(
            String endpoint, UdpSettings settings, List<InheritedSocket> inherited, List<InetAddress> own, Kind<S> kind)
            throws IOException {
        var sockets = new ArrayList<S>();
        try {
            for (var each : inherited) {
                sockets.add(kind.adopt(each));
            }
            int port = settings.port();
            for (var address : own) {
                var at = new InetSocketAddress(address, port);
                var socket = settings.reusePort() ? bindShared(endpoint, at, kind) : kind.bind(at, false);
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

    private static <S> S bindShared(String endpoint, InetSocketAddress address, Kind<S> kind) throws IOException {
        boolean isAlone;
        try {
            kind.close(kind.bind(address, false));
            isAlone = true;
        } catch (IOException _) {
            isAlone = false;
        }
        var socket = kind.bind(address, true);
        if (!isAlone) {
            LOG.log(
                    Level.INFO,
                    "Endpoint {0}: another process listens on {1} too; until it stops, its members and those of this process"
                            + " do not hear each other",
                    endpoint,
                    AddressText.of(address));
        }
        return socket;
    }

    /**
     * {@return further sockets for these {@code addresses}, which other sockets are bound to and share}
     *
     * <p>These sockets take no part in multicast, since each datagram of a group would arrive at each socket.
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
