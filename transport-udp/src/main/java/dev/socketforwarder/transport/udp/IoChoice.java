package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.linux.NativeProbe;
import dev.socketforwarder.transport.udp.linux.NativeSockets;
import dev.socketforwarder.transport.udp.nio.NioSockets;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Chooses by trial how an endpoint does its I/O, and logs the choice and the reason in one line. */
final class IoChoice {
    private static final Logger LOG = System.getLogger(IoChoice.class.getName());

    private IoChoice() {}

    /**
     * Bind all addresses of an endpoint, once for each of its sockets, or none.
     *
     * @param ownAddresses the addresses of this machine
     * @param tallies one for each result
     * @return the sockets of each thread
     * @throws IOException if an address cannot be bound, or the configured I/O does not work here; the message is for
     *     the user
     */
    static List<Sockets> open(
            TransportContext context,
            UdpSettings settings,
            Supplier<Set<InetAddress>> ownAddresses,
            List<Tally> tallies)
            throws IOException {
        var endpoint = context.name();
        if (settings.reusePort() || settings.sockets() > 1) {
            try (var channel = DatagramChannel.open()) {
                requireSharing(endpoint, settings, channel.supportedOptions());
            }
        }
        var way = way(context, settings, ownAddresses);
        var all = new ArrayList<Sockets>();
        try {
            for (var tally : tallies) {
                all.add(way.bind(
                        tally, all.isEmpty() ? List.of() : all.getFirst().localAddresses()));
            }
        } catch (IOException | RuntimeException e) {
            all.forEach(Sockets::close);
            throw e;
        }
        LOG.log(Level.INFO, "Endpoint {0}: I/O is {1}", endpoint, way.text());
        return all;
    }

    /** Throw if this system cannot share a port among sockets. */
    static void requireSharing(String endpoint, UdpSettings settings, Set<SocketOption<?>> supported)
            throws IOException {
        if (!supported.contains(StandardSocketOptions.SO_REUSEPORT)) {
            throw new IOException("transports." + endpoint + (settings.reusePort() ? ".reuse-port" : ".sockets")
                    + ": this system has no SO_REUSEPORT, so sockets cannot share a port; set it to "
                    + (settings.reusePort() ? "false" : "1"));
        }
    }

    /** Binds the sockets of one thread beside those that are already bound. */
    private interface Binding {
        Sockets bind(Tally tally, List<InetSocketAddress> beside) throws IOException;
    }

    private record Way(String text, Binding binding) {
        Sockets bind(Tally tally, List<InetSocketAddress> beside) throws IOException {
            return binding.bind(tally, beside);
        }
    }

    private static Way way(TransportContext context, UdpSettings settings, Supplier<Set<InetAddress>> ownAddresses)
            throws IOException {
        if (settings.io() == IoPath.NIO) {
            return nio(context, settings, ownAddresses, "io is nio");
        }
        var probed = NativeProbe.run();
        if (probed.works()) {
            return new Way(
                    "native, by recvmmsg and sendmmsg " + (probed.segments() ? "with" : "without")
                            + " UDP_SEGMENT, which were tried",
                    (tally, beside) -> NativeSockets.bind(context, settings, probed.segments(), tally, beside));
        }
        if (settings.io() == IoPath.NATIVE) {
            throw new IOException("transports." + context.name() + ".io: native does not work here, " + probed.why()
                    + "; set it to auto or nio");
        }
        return nio(context, settings, ownAddresses, "the native path does not work here, " + probed.why());
    }

    private static Way nio(
            TransportContext context, UdpSettings settings, Supplier<Set<InetAddress>> ownAddresses, String why) {
        return new Way(
                "nio, by datagram channels, since " + why,
                (tally, beside) -> NioSockets.bind(context, settings, ownAddresses, tally, beside));
    }
}
