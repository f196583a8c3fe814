package dev.socketforwarder.api.kit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;

/** Says in one line that an address cannot be bound, and what the user can do. */
public final class BindFailure extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Make the exception for one address.
     *
     * @param endpoint the endpoint's name
     * @param address the address that could not be bound
     * @param cause the exception of the system
     */
    public BindFailure(String endpoint, InetSocketAddress address, IOException cause) {
        super(message(endpoint, address, cause), cause);
    }

    private static String message(String endpoint, InetSocketAddress address, IOException cause) {
        var said = String.valueOf(cause.getMessage());
        var lower = said.toLowerCase(Locale.ROOT);
        var place = address.getAddress().getHostAddress() + " port " + address.getPort();
        var remedy = "set transports." + endpoint + ".host-address or .port";
        if (lower.contains("in use")) {
            remedy = "stop the program that holds it, or set transports." + endpoint + ".port";
        } else if (lower.contains("permission") || lower.contains("not permitted")) {
            remedy = "use a port above 1023, or grant CAP_NET_BIND_SERVICE";
        } else if (lower.contains("cannot assign")) {
            remedy = "this machine has no such address: set transports." + endpoint + ".host-address";
        }
        return endpoint + " cannot bind " + place + ": " + said + "; " + remedy;
    }
}
