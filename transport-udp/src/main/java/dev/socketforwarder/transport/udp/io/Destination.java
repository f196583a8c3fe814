package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.buffer.Batch;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** An address to send to from one socket, in the form that the socket's I/O needs. Used on the endpoint's thread. */
public interface Destination {

    /** {@return the address that datagrams go to} */
    InetSocketAddress address();

    /** {@return the address that datagrams leave from; the wildcard if the route decides} */
    InetAddress from();

    /** Send each message as a datagram, as {@link #send(Batch, int)} does, with the usual hop limit. */
    default void send(Batch batch) {
        send(batch, Hops.NONE);
    }

    /**
     * Send each message as a datagram, in order. A failure costs only that datagram; it is reported, never thrown.
     *
     * @param batch may be sent later, by {@link Sockets#flush}, if its block is the intake's; any other batch is sent
     *     before this returns
     * @param hops the hop limit, if this socket can set one; {@link Hops#NONE} for the usual one
     */
    void send(Batch batch, int hops);
}
