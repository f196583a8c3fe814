package dev.socketforwarder.transport.udp.settings;

import java.net.InetAddress;
import java.util.Optional;

/** Knows the kinds of addresses that can be members on no machine. */
public final class TargetKinds {
    private static final InetAddress LIMITED_BROADCAST = InetAddress.ofLiteral("255.255.255.255");
    private static final InetAddress LOOPBACK_BROADCAST = InetAddress.ofLiteral("127.255.255.255");

    private TargetKinds() {}

    /** {@return why {@code address} can be no member on any machine; empty if it may be one} */
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
