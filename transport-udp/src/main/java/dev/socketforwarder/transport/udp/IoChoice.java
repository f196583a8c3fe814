package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.Set;
import java.util.function.Supplier;

/** Chooses how an endpoint speaks to the kernel, by trying, and says in one line what runs and why. */
final class IoChoice {
    private static final Logger LOG = System.getLogger(IoChoice.class.getName());

    private IoChoice() {}

    /**
     * Bind all addresses of an endpoint, or none.
     *
     * @param ownAddresses this machine's
     * @throws IOException if one cannot be bound, or the path that was asked for does not work here; the message is for the
     *     user
     */
    static Sockets open(String endpoint, UdpSettings settings, Supplier<Set<InetAddress>> ownAddresses, Tally tally)
            throws IOException {
        if (settings.io() == IoPath.NIO) {
            return nio(endpoint, settings, ownAddresses, tally, "io is nio");
        }
        var probed = NativeProbe.run();
        if (probed.works()) {
            var sockets = NativeSockets.bind(endpoint, settings, probed.segments(), tally);
            LOG.log(
                    Level.INFO,
                    "Endpoint {0}: I/O is native, by recvmmsg and sendmmsg {1} UDP_SEGMENT, which were tried",
                    endpoint,
                    probed.segments() ? "with" : "without");
            return sockets;
        }
        if (settings.io() == IoPath.NATIVE) {
            throw new IOException("transports." + endpoint + ".io: native does not work here, " + probed.why()
                    + "; set it to auto or nio");
        }
        return nio(endpoint, settings, ownAddresses, tally, "the native path does not work here, " + probed.why());
    }

    private static Sockets nio(
            String endpoint, UdpSettings settings, Supplier<Set<InetAddress>> ownAddresses, Tally tally, String why)
            throws IOException {
        var sockets = NioSockets.bind(endpoint, settings, ownAddresses, tally);
        LOG.log(Level.INFO, "Endpoint {0}: I/O is nio, by datagram channels, since {1}", endpoint, why);
        return sockets;
    }
}
