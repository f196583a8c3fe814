package dev.socketforwarder.transport.udp.io;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;

/** A socket that takes part in multicast. Used on the endpoint's thread. */
public interface GroupSocket {

    /** {@return the address that it is bound to} */
    InetAddress bound();

    /** Receive what is sent to {@code group} and comes in through this interface. */
    void join(InetAddress group, Link through) throws IOException;

    /** Undo {@link #join}, whether the interface is still there or not. */
    void leave(InetAddress group, Link through);

    /** Let what is sent to groups go through this interface, or the one that the route says, and so far. */
    void sendToGroups(Optional<Link> through, int ttl) throws IOException;
}
