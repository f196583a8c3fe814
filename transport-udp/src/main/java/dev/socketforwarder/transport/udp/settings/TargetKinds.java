package dev.socketforwarder.transport.udp.settings;

import java.net.InetAddress;
import java.util.Optional;

/** Kinds of addresses at which no member can be, whatever addresses this machine has. */
public final class TargetKinds {
    private static final InetAddress LIMITED_BROADCAST = InetAddress.ofLiteral("255.255.255.255");
    private static final InetAddress LOOPBACK_BROADCAST = InetAddress.ofLiteral("127.255.255.255");

    private TargetKinds() {}

    /** {@return what is wrong with {@code address} whatever this machine's addresses are, or empty} */
    public static Optional<String> objection(InetAddress address) {
        if (address.isMulticastAddress()) {
            return Optional.of("a multicast address");
        }
        if (address.isAnyLocalAddress()) {
            return Optional.of("a wildcard address");
        }
        return address.equals(LIMITED_BROADCAST) || address.equals(LOOPBACK_BROADCAST)
                ? Optional.of("a broadcast address")
                : Optional.empty();
    }
}
