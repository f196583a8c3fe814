package dev.socketforwarder.api;

import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.annotation.NotForImplementation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Serves the stream connections of one endpoint on threads of the runtime, which all endpoints share. The streams negotiate TLS,
 * shake hands, and join the group that the first message asks for. They split messages, forward them, queue what a peer does not
 * take at once, pace senders, enforce limits, and close connections in order. They also dial servers. The transport {@code tcp}
 * uses the streams too. A transport for stream sockets only has to bind, to report its addresses, and to pass on {@link #quiesce}
 * and {@link #stop}.
 *
 * <p>Any thread may call the methods, from {@link Endpoint#start} on. A call throws an unchecked exception if an argument is
 * null, a channel is not connected or not of the JDK, or a peer's address has no text; the transport then still owns the channel.
 *
 * <p>In all other cases, the streams own the channel from the call on. The call makes the channel non-blocking; to do this, the call
 * waits until no other thread reads from the channel or accepts from it. The transport must not use the channel any more. A
 * transport that closes the channel loses that connection, and nothing else.
 */
@NotForImplementation
public interface Streams {

    /**
     * Accept connections from now on.
     *
     * @param bound a bound channel of the JDK; {@link #quiesce} or {@link #stop} closes the channel, and so does this method if it
     *     throws {@link IOException}
     * @throws IOException if the channel cannot be used, or {@link #stop} was called before
     */
    void listen(ServerSocketChannel bound) throws IOException;

    /**
     * Accept no more connections on a channel that {@link #listen} took, and close the channel. Connections that the kernel has
     * completed are accepted first. Returns at once.
     *
     * @param bound the channel; a channel that does not listen is ignored
     */
    void unlisten(ServerSocketChannel bound);

    /**
     * Accept connections from now on, on a socket of the service manager.
     *
     * @param inherited a socket that listens; {@link #quiesce} or {@link #stop} ends the use of the socket, and so does this method
     *     if it throws {@link IOException}
     * @throws IOException if the socket cannot be used, or {@link #stop} was called before
     */
    void adopt(InheritedSocket inherited) throws IOException;

    /**
     * Serve one connection that the transport accepted itself, as if a listener of the streams had accepted it.
     *
     * @param connection a connected channel of the JDK; the streams close the channel from here on, and at once after {@link #stop}
     * @param peer describes the other end of the connection
     */
    void serve(SocketChannel connection, Peer peer);

    /**
     * Let a connection that the transport itself established join a group. The configuration applies, except that there
     * is no TLS, no handshake, and no limit but the one on all connections. The member leaves when the peer ends its side.
     *
     * @param connection a connected channel of the JDK; the streams close the channel from here on, and at once after {@link #stop}
     * @param peer describes the other end of the connection
     * @param group the group to join
     * @param greeting what the peer is sent before anything else, copied from position to limit; may be empty
     * @param onClosed receives, once, the reason why the connection ended, even if the connection never became a member; runs on
     *     the endpoint's {@link TransportContext#loop}
     */
    void join(SocketChannel connection, Peer peer, GroupId group, ByteBuffer greeting, Consumer<Reason> onClosed);

    /**
     * Keep a server connected as a member of a group. Each attempt looks up the server's name, connects to its addresses one
     * after another, and negotiates TLS if the target asks for TLS. The first connection that succeeds joins the group, as by
     * {@link #join}. A new attempt begins after a pause whenever no address has answered, and whenever the member has left.
     *
     * <p>The first pause is at most half a second. Each further pause is at most twice as long as the one before, and never longer
     * than half a minute. A pause is shortened at random by up to half of its length. After a member has stayed for half a minute,
     * the pauses begin anew with the first.
     *
     * <p>Each attempt takes a place of {@link TransportContext#connections} and counts as a connection. A failed attempt is reported
     * as {@link Reason#CONNECT_FAILED} with the target as its source. A successful attempt counts as {@link Counter#CONNECTED}.
     * {@link #quiesce} and {@link #stop} end all dialling.
     *
     * @param target the server to dial
     * @return a handle that can end this dialling before the stop
     */
    Dialling dial(Target target);

    /**
     * Do the work of {@link Endpoint#quiesce} for all connections.
     *
     * @param limit the longest time that this call may take
     */
    void quiesce(Duration limit);

    /**
     * Do the work of {@link Endpoint#stop} for all connections.
     *
     * @param limit the longest time for flushing
     * @return how much was discarded
     */
    Unsent stop(Duration limit);
}
