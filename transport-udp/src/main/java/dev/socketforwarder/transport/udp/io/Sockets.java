package dev.socketforwarder.transport.udp.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * All sockets of one endpoint, numbered from 0, and the wait for them. Knows nothing of registrations. Used on the
 * endpoint's thread, but for {@link #wakeup}.
 */
public interface Sockets {

    /**
     * {@return the addresses bound, in the sockets' order, with the ports that the kernel chose; there may be more later.
     * Any thread}
     */
    List<InetSocketAddress> localAddresses();

    /** {@return whether these depend on the network interfaces that there are, and want to {@link #follow} them} */
    boolean needsInterfaces();

    /**
     * Fit the network interfaces that there are now; the first time before the first {@link #await}.
     *
     * @return false: something failed that may work the next time, though nothing has changed
     */
    boolean follow(List<Link> now);

    /** {@return whether what is sent to multicast groups goes where configuration says} */
    boolean sendsToGroups();

    /**
     * Wait until a socket has something to read, {@link #wakeup} was called, or it is time to try a failed socket again.
     *
     * @param limitMs the longest to wait, in milliseconds; -1: for ever
     */
    void await(int limitMs) throws IOException;

    /** End {@link #await}, now or the next time. Any thread. */
    void wakeup();

    /** {@return whether the last {@link #await} found something to read in it} */
    boolean isReadable(int socket);

    /** {@return whether the hop limits of what comes are known} */
    boolean seesHops();

    /** {@return where to receive into, the one of these sockets} */
    Intake intake();

    /** Receive what is there, until the intake is full. What fails is logged, and tried again after a while. */
    void receive(int socket);

    /**
     * {@return a way to send to {@code address} from {@code socket}}
     *
     * @param from the address that it should leave from; of a socket for all addresses the wildcard: as the route suggests
     */
    Destination destination(int socket, InetAddress from, InetSocketAddress address);

    /** Send what still waits to be sent. Afterwards nothing refers to the intake. */
    void flush();

    /** Find nothing readable any more; sending still works. */
    void stopReceiving();

    /** Close all sockets, and let go of their memory. */
    void close();
}
