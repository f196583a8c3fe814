package dev.socketforwarder.transport.udp.admission;

import java.util.OptionalInt;

/** Reads a port as peers and users write it: one to five ASCII digits. */
final class PortNumber {
    private static final int MAX_DIGITS = 5;
    private static final int MAX = 65_535;

    private PortNumber() {}

    /** {@return a port from 1 to 65535; empty if {@code text} is not one} */
    static OptionalInt parse(String text) {
        if (text.isEmpty() || text.length() > MAX_DIGITS) {
            return OptionalInt.empty();
        }
        int port = 0;
        for (int i = 0; i < text.length(); i++) {
            // Not Character.isDigit: other scripts' digits are none here.
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return OptionalInt.empty();
            }
            port = 10 * port + digit;
        }
        return of(port);
    }

    /** {@return {@code port}, or empty if it is not from 1 to 65535: a datagram's source port may be 0} */
    static OptionalInt of(int port) {
        return port >= 1 && port <= MAX ? OptionalInt.of(port) : OptionalInt.empty();
    }
}
