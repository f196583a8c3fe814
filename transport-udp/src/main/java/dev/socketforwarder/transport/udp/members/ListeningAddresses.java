package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.transport.udp.settings.TargetKinds;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Knows where all endpoints of this process receive datagrams, and so which addresses may be members. Endpoints must
 * not feed each other or themselves. Thread-safe.
 */
public final class ListeningAddresses {
    // The loopback network is 127.0.0.0/8 on every machine (RFC 1122, 3.2.1.3).

    /**
     * The addresses of one endpoint.
     *
     * @param addresses bound addresses and joined groups, with their ports
     * @param onMore called by any thread when another endpoint begins to listen
     */
    public record Listening(List<InetSocketAddress> addresses, Runnable onMore) {}

    private final List<Listening> all = new CopyOnWriteArrayList<>();
    private final LocalInterfaces interfaces;

    public ListeningAddresses(LocalInterfaces interfaces) {
        this.interfaces = interfaces;
    }

    /** Add an endpoint, and tell the others, since some of their members may now be forbidden. */
    public void add(Listening added) {
        all.add(added);
        for (var each : all) {
            if (each != added) {
                each.onMore().run();
            }
        }
    }

    public void remove(Listening gone) {
        all.remove(gone);
    }

    /** {@return why the configured group {@code target} must not be a member; empty if it may} */
    Optional<String> groupObjection(InetSocketAddress target) {
        return isOwn(target) ? Optional.of("a group that the forwarder itself receives from") : Optional.empty();
    }

    /** {@return why {@code target} must not be a member; empty if it may} */
    public Optional<String> objection(InetSocketAddress target) {
        var kind = TargetKinds.objection(target.getAddress());
        if (kind.isPresent()) {
            return kind;
        }
        if (interfaces.isBroadcast(target.getAddress())) {
            return Optional.of("a broadcast address");
        }
        return isOwn(target) ? Optional.of("an address that the forwarder itself listens on") : Optional.empty();
    }

    /** {@return whether {@code address} belongs to this machine} */
    public boolean isLocal(InetAddress address) {
        return interfaces.isLocal(address);
    }

    private boolean isOwn(InetSocketAddress target) {
        for (var listening : all) {
            for (var bound : listening.addresses()) {
                if (bound.getPort() == target.getPort() && reaches(target.getAddress(), bound.getAddress())) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean reaches(InetAddress target, InetAddress bound) {
        if (!bound.isAnyLocalAddress()) {
            return bound.equals(target);
        }
        // An IPv6 wildcard socket also receives IPv4.
        boolean family = !(bound instanceof Inet4Address) || target instanceof Inet4Address;
        return family && interfaces.isLocal(target);
    }
}
