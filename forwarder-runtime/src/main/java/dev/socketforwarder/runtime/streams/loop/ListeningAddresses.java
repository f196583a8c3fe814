package dev.socketforwarder.runtime.streams.loop;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The addresses on which this process listens, so that the process never dials itself: what it sent there would come
 * back, and would be sent there again. Thread-safe.
 */
public final class ListeningAddresses {
    private final Set<SocketAddress> addresses = ConcurrentHashMap.newKeySet();

    public void add(SocketAddress bound) {
        addresses.add(bound);
    }

    public void remove(SocketAddress bound) {
        addresses.remove(bound);
    }

    /** {@return whether a connection to this address would end in this process} */
    public boolean isOwn(SocketAddress server) {
        if (addresses.contains(server)) {
            return true;
        }
        return server instanceof InetSocketAddress ip
                && addresses.stream()
                        .anyMatch(bound -> bound instanceof InetSocketAddress own && isWildcardFor(own, ip))
                && isOfThisMachine(ip.getAddress());
    }

    private static boolean isWildcardFor(InetSocketAddress own, InetSocketAddress server) {
        boolean servesFamily =
                !(own.getAddress() instanceof Inet4Address) || server.getAddress() instanceof Inet4Address;
        return own.getAddress().isAnyLocalAddress() && own.getPort() == server.getPort() && servesFamily;
    }

    private static boolean isOfThisMachine(InetAddress address) {
        try {
            return address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException _) {
            return false;
        }
    }
}
