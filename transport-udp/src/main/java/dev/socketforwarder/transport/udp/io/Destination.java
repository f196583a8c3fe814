package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.buffer.Batch;
import java.net.InetSocketAddress;

/** An address to send to, from one socket, in the form that this socket's system calls want. Used on the endpoint's thread. */
public interface Destination {

    /** {@return where the datagrams go} */
    InetSocketAddress address();

    /** Send each message as a datagram, as {@link #send(Batch, int)} does, with as many hops as any other. */
    default void send(Batch batch) {
        send(batch, Hops.NONE);
    }

    /**
     * Send each message as a datagram, in order. What fails costs that datagram alone, is reported, and is never thrown.
     *
     * @param batch may be sent later, by {@link Sockets#flush}, if its block is the intake's; any other is sent before
     *     this returns
     * @param hops the hop limit, where this socket can set one; {@link Hops#NONE}: as any other
     */
    void send(Batch batch, int hops);
}
