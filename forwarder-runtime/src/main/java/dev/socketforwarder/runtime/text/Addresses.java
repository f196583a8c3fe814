package dev.socketforwarder.runtime.text;

import dev.socketforwarder.api.kit.HostPort;
import java.net.SocketAddress;

/** Writes socket addresses so that each fits in one line of text. */
public final class Addresses {
    private static final String UNNAMED =
            "an unnamed socket"; // the address of a client's Unix domain socket, for example

    private Addresses() {}

    /** {@return the address and port; for other kinds of socket, their name} */
    public static String shown(SocketAddress address) {
        var text = HostPort.text(address);
        return text.isEmpty() ? UNNAMED : Printable.line(text);
    }
}
