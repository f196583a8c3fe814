package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;

/** What tests of IPv6 need from the machine. */
final class Ipv6 {
    private static final String WITHOUT = "without.ipv6";

    private Ipv6() {}

    /** Fail without {@code ::1}, so that a skipped test is noticed; or skip the test if told to. */
    static void require() throws SocketException {
        assumeFalse(Boolean.getBoolean(WITHOUT), "this machine has no IPv6, says -D" + WITHOUT);
        boolean isThere = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .anyMatch(address -> address.getHostAddress().startsWith("0:0:0:0:0:0:0:1"));
        assertThat(isThere)
                .as("this machine has the address ::1; where it shall not, give -D" + WITHOUT + "=true")
                .isTrue();
    }

    /** {@return an address as the forwarder shows it: IPv6 without its longest run of zeros, in brackets} */
    static String shown(InetAddress address, int port) {
        var host = address.getHostAddress();
        return address instanceof Inet6Address
                ? "[" + host.replaceFirst("(^|:)0(:0)+(:|$)", "::") + "]:" + port
                : host + ":" + port;
    }
}
