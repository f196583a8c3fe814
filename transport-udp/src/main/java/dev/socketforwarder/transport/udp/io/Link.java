package dev.socketforwarder.transport.udp.io;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A network interface as it was at one moment.
 *
 * @param name such as eth0
 * @param index the kernel's number; an interface that is made again gets another number
 * @param addresses its addresses
 * @param forGroups whether the interface joins groups if the configuration names none: it is up, and leads to other
 *     hosts
 * @param itself the interface for the JDK
 */
public record Link(String name, int index, Set<InetAddress> addresses, boolean forGroups, NetworkInterface itself) {

    public Link {
        addresses = Set.copyOf(addresses);
    }

    public static Link of(NetworkInterface itself) {
        return new Link(
                itself.getName(),
                itself.getIndex(),
                itself.inetAddresses().collect(Collectors.toSet()),
                isForGroups(itself),
                itself);
    }

    private static boolean isForGroups(NetworkInterface itself) {
        try {
            return itself.isUp() && !itself.isLoopback() && itself.supportsMulticast();
        } catch (SocketException _) {
            // The interface was removed after it was listed.
            return false;
        }
    }

    /** {@return whether the interface has an address of the family of {@code group}} */
    boolean speaks(InetAddress group) {
        return addresses.stream().anyMatch(own -> own instanceof Inet4Address == group instanceof Inet4Address);
    }
}
