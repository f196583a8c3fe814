package dev.socketforwarder.transport.udp;

import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredNames;
import dev.socketforwarder.transport.udp.settings.SenderPolicy;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import dev.socketforwarder.transport.udp.settings.Unreachable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.List;

/** Logs what the user should know about an endpoint that starts, or goes on with other settings. */
final class StartWarnings {
    private static final Logger LOG = System.getLogger(StartWarnings.class.getName());

    private StartWarnings() {}

    /** Warn of settings that these sockets cannot fulfil. */
    static void ofChannels(String endpoint, UdpSettings settings, Sockets sockets) {
        if (sockets.seesHops()) {
            return;
        }
        LOG.log(
                Level.WARNING,
                "Endpoint {0}: nio sees no hop limits, so loops of forwarders are detected only by the rate of equal"
                        + " payloads",
                endpoint);
        if (settings.members().unreachable() == Unreachable.REMOVE) {
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0}: unreachable: remove has no effect, since nio does not report undelivered datagrams",
                    endpoint);
        }
    }

    /** Warn that any host may send. */
    static void ofStrangers(String endpoint, UdpSettings settings, List<InetSocketAddress> bound) {
        boolean local = bound.stream().allMatch(address -> address.getAddress().isLoopbackAddress());
        if (!local && settings.members().senders() == SenderPolicy.ANY) {
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0}: any host that reaches this endpoint may send to its members, registered or not; remedy: sender-policy:"
                            + " registered, or a loopback host-address",
                    endpoint);
        }
    }

    /** Log the members' names without a known address. */
    static void ofUnknown(String endpoint, PreconfiguredNames names) {
        if (!names.unknown().isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0}: no address is known yet for {1}; each is a member as soon as a look-up finds one",
                    endpoint,
                    String.join(", ", names.unknown()));
        }
    }
}
