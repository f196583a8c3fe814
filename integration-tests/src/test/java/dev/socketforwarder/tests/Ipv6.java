package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.net.NetworkInterface;
import java.net.SocketException;

/** What tests of IPv6 need of the machine. */
final class Ipv6 {
    private static final String WITHOUT = "without.ipv6";

    private Ipv6() {}

    /** Fail where there is no {@code ::1}, lest a test never run and nobody notice; or skip the test, if told to. */
    static void require() throws SocketException {
        assumeFalse(Boolean.getBoolean(WITHOUT), "this machine has no IPv6, says -D" + WITHOUT);
        boolean isThere = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .anyMatch(address -> address.getHostAddress().startsWith("0:0:0:0:0:0:0:1"));
        assertThat(isThere)
                .as("this machine has the address ::1; where it shall not, give -D" + WITHOUT + "=true")
                .isTrue();
    }
}
