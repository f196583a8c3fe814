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
 * Serves the connections of one endpoint, on threads of the runtime that all endpoints share: negotiates TLS, shakes hands,
 * joins the group that the first message asks for, parts messages, forwards, queues what a peer does not take at once,
 * paces, limits, and closes in order; and dials servers. The transport {@code tcp} is served by it too. A transport for stream sockets has
 * nothing left but to bind, to name its addresses, and to pass {@link #quiesce} and {@link #stop} on.
 *
 * <p>Every method may be called by any thread, from {@link Endpoint#start} on. A null, a channel that is not the JDK's own or not
 * connected, a peer whose address has no text: each is an unchecked exception at the call, and the channel is still the transport's. Once
 * given, a channel is left alone: it is made non-blocking by the call, which waits for whoever still reads or accepts from
 * it, and a transport that closes it costs itself that connection. Not for implementation by plugins.
 */
@NotForImplementation
public interface Streams {

    /**
     * Accept connections from now on.
     *
     * @param bound bound already, a channel of the JDK's own; closed by {@link #quiesce} or {@link #stop}, and if this throws
     * @throws IOException if it cannot be used, or {@link #stop} was called
     */
    void listen(ServerSocketChannel bound) throws IOException;

    /**
     * Serve one connection that the transport accepted itself, as if a listener had.
     *
     * @param connection connected, a channel of the JDK's own; closed from here on by this, at once after {@link #stop}
     * @param peer who is at its other end
     */
    void serve(SocketChannel connection, Peer peer);

    /**
     * Make one connection a member as configuration says, without TLS, handshake, or any limit but that of all connections:
     * one that the transport made itself. It leaves when the peer ends its side.
     *
     * @param connection connected, a channel of the JDK's own; closed from here on by this, at once after {@link #stop}
     * @param peer who is at its other end
     * @param group of which it is to be a member
     * @param greeting what the peer is sent before anything else, from position to limit, copied; may be empty
     * @param onClosed is told once why the connection has ended, also if it never came to be a member; on the endpoint's {@link
     *     TransportContext#loop}
     */
    void join(SocketChannel connection, Peer peer, GroupId group, ByteBuffer greeting, Consumer<Reason> onClosed);

    /**
     * Keep a server a member of a group: look its name up, connect to one of its addresses after the other, negotiate TLS where
     * the target says so, and {@link #join} the first that answers. Whenever no address answers, and whenever that member has
     * left, do so again after a pause: of half a second at the most for the first time, twice as long each time up to half a
     * minute, of which chance takes up to a half. Once a member has stayed for half a minute, the pauses begin anew.
     *
     * <p>Each attempt takes one of {@link TransportContext#connections} and counts as a connection. One that fails is reported as {@link
     * Reason#CONNECT_FAILED} with the target as its source; one that succeeds counts as {@link Counter#CONNECTED}. {@link #quiesce}
     * and {@link #stop} end all dialling.
     *
     * @param target what is dialled
     * @return what ends this dialling before the stop
     */
    Dialling dial(Target target);

    /**
     * Do what {@link Endpoint#quiesce} has to.
     *
     * @param limit the longest that this may take
     */
    void quiesce(Duration limit);

    /**
     * Do what {@link Endpoint#stop} has to, for all connections.
     *
     * @param limit the longest that flushing may take
     * @return what was thrown away
     */
    Unsent stop(Duration limit);
}
