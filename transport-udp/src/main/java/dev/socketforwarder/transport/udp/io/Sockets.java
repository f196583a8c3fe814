package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.transport.udp.settings.MulticastSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The sockets of one endpoint's thread, numbered from 0, and the wait for input. Knows nothing of registrations. Used
 * on the endpoint's thread, except for {@link #wakeup}.
 */
public interface Sockets {

    /**
     * {@return the bound addresses in the order of the sockets, with the ports that the kernel chose; more may be added
     * later} May be called by any thread.
     */
    List<InetSocketAddress> localAddresses();

    /** {@return whether these sockets depend on the network interfaces, and so need {@link #follow}} */
    boolean needsInterfaces();

    /**
     * Adapt to the present network interfaces; first called before the first {@link #await}.
     *
     * @return false if something failed that may work the next time, though nothing has changed
     */
    boolean follow(List<Link> now);

    /** Send to multicast groups as these settings say, from the next {@link #follow} on. They receive from the same groups. */
    void change(MulticastSettings settings);

    /** {@return whether datagrams to multicast groups go where the configuration says} */
    boolean sendsToGroups();

    /**
     * Wait until a socket has input, {@link #wakeup} is called, or a failed socket is due for another try.
     *
     * @param limitMs the longest wait in milliseconds; -1 for no limit
     */
    void await(int limitMs) throws IOException;

    /** End the current or next {@link #await}. May be called by any thread. */
    void wakeup();

    /** {@return whether the last {@link #await} found input at the socket} */
    boolean isReadable(int socket);

    /** {@return whether hop limits of received datagrams are known} */
    boolean seesHops();

    /** {@return the intake that these sockets receive into} */
    Intake intake();

    /**
     * Receive until nothing is left or the intake is full. A failure is logged, and the socket is tried again after a
     * while.
     */
    void receive(int socket);

    /**
     * {@return a destination that sends to {@code address} from {@code socket}}
     *
     * @param from the address to send from; for a wildcard socket the wildcard lets the route decide
     */
    Destination destination(int socket, InetAddress from, InetSocketAddress address);

    /** Send what is still queued. Afterwards nothing refers to the intake. */
    void flush();

    /** Report no input any more; sending still works. */
    void stopReceiving();

    /** Close all sockets and release their memory. */
    void close();
}
