package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.transport.udp.io.Link;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The addresses of this machine's network interfaces. The list is renewed when it is older than ten seconds, and no
 * more often: listing costs system calls, and peers can cause any number of questions. Thread-safe.
 */
public final class LocalInterfaces {
    private static final Logger LOG = System.getLogger(LocalInterfaces.class.getName());
    private static final long MAX_AGE_NS = TimeUnit.SECONDS.toNanos(10);

    private static final int LONGEST_WITH_BROADCAST = 30;

    private record Snapshot(Set<InetAddress> local, Set<InetAddress> broadcast, long takenNs) {}

    /** Lists the interfaces. */
    @FunctionalInterface
    public interface Lister {
        List<NetworkInterface> list() throws SocketException;
    }

    private final Lister lister;
    private volatile Snapshot last = new Snapshot(Set.of(), Set.of(), System.nanoTime() - MAX_AGE_NS);

    /** Make the list of this machine's interfaces. */
    public LocalInterfaces() {
        this(() -> NetworkInterface.networkInterfaces().toList());
    }

    public LocalInterfaces(Lister lister) {
        this.lister = lister;
    }

    /** {@return the present interfaces, in the order of their numbers} */
    public List<Link> links() throws SocketException {
        return lister.list().stream()
                .map(Link::of)
                .sorted(Comparator.comparingInt(Link::index))
                .toList();
    }

    /** {@return whether datagrams to {@code address} reach this machine} */
    boolean isLocal(InetAddress address) {
        return address.isLoopbackAddress() || snapshot().local().contains(address);
    }

    /** {@return all addresses of this machine} */
    public Set<InetAddress> addresses() {
        return snapshot().local();
    }

    /** {@return whether {@code address} is an interface's broadcast address} */
    boolean isBroadcast(InetAddress address) {
        return snapshot().broadcast().contains(address);
    }

    private Snapshot snapshot() {
        var now = System.nanoTime();
        var current = last;
        if (now - current.takenNs() < MAX_AGE_NS) {
            return current;
        }
        var local = new HashSet<InetAddress>();
        var broadcast = new HashSet<InetAddress>();
        try {
            lister.list().stream()
                    .flatMap(each -> each.getInterfaceAddresses().stream())
                    .forEach(address -> {
                        local.add(address.getAddress());
                        if (address.getBroadcast() != null) {
                            broadcast.add(address.getBroadcast());
                        }
                        lastOfNetwork(address.getAddress(), address.getNetworkPrefixLength())
                                .ifPresent(broadcast::add);
                    });
        } catch (SocketException e) {
            // The last list stays in force. The kernel itself refuses broadcasts that the socket did not enable.
            LOG.log(Level.DEBUG, "Cannot list the network interfaces", e);
            return current;
        }
        var fresh = new Snapshot(local, broadcast, now);
        last = fresh;
        return fresh;
    }

    /**
     * {@return the last address of the network of {@code address}, which the kernel treats as a broadcast address even
     * if the interface has none; empty for IPv6, and for networks of one or two addresses (RFC 3021)}
     */
    public static Optional<InetAddress> lastOfNetwork(InetAddress address, int prefixLength) {
        if (!(address instanceof Inet4Address) || prefixLength <= 0 || prefixLength > LONGEST_WITH_BROADCAST) {
            return Optional.empty();
        }
        var bytes = address.getAddress();
        for (int bit = prefixLength; bit < Integer.SIZE; bit++) {
            bytes[bit / Byte.SIZE] |= (byte) (0x80 >> bit % Byte.SIZE);
        }
        try {
            return Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new AssertionError("4 bytes are an address", e);
        }
    }
}
