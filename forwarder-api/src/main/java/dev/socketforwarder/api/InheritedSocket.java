package dev.socketforwarder.api;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.annotation.NotForImplementation;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Describes a bound socket that the service manager opened and passed to this process (socket activation). The service manager
 * keeps the socket too, so that peers find the port open while the process restarts. Thread-safe.
 */
@NotForImplementation
public interface InheritedSocket {

    /**
     * {@return the name that the service manager gave the socket ({@code FileDescriptorName=} of systemd)}
     */
    String name();

    /**
     * {@return {@link Protocol#TCP} for a socket that listens, {@link Protocol#UDP} for a socket that receives datagrams}
     */
    Protocol protocol();

    /**
     * {@return the address that the socket is bound to}
     */
    InetSocketAddress address();

    /**
     * {@return whether the endpoint uses this socket in place of one that it would bind to this address}
     *
     * @param configured an address that the endpoint's settings name
     */
    boolean replaces(InetSocketAddress configured);

    /**
     * Make another descriptor of the socket, which the caller owns and closes. For a transport that makes system calls; {@link
     * Streams#adopt} serves all others.
     *
     * @return the number of the descriptor
     * @throws IOException if there is no room for another descriptor
     */
    int duplicate() throws IOException;
}
