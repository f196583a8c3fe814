package dev.socketforwarder.transport.udp.io;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;

/** A socket that takes part in multicast. Used on the endpoint's thread. */
public interface GroupSocket {

    /** {@return the address that the socket is bound to} */
    InetAddress bound();

    /** Receive datagrams to {@code group} that arrive through this interface. */
    void join(InetAddress group, Link through) throws IOException;

    /** Undo {@link #join}, even if the interface is gone. */
    void leave(InetAddress group, Link through);

    /** Send datagrams for groups through this interface, or by the route, with this hop limit. */
    void sendToGroups(Optional<Link> through, int ttl) throws IOException;
}
