package dev.socketforwarder.runtime.text;

import dev.socketforwarder.api.kit.AddressText;
import java.net.SocketAddress;

/** Addresses of sockets, fit for one line. */
public final class Addresses {
    private static final String UNNAMED = "an unnamed socket"; // as a client's Unix domain socket

    private Addresses() {}

    /** {@return address and port, or what a socket of another kind is called} */
    public static String shown(SocketAddress address) {
        var text = AddressText.of(address);
        return text.isEmpty() ? UNNAMED : Printable.line(text);
    }
}
