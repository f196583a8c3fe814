package dev.socketforwarder.api;

import dev.socketforwarder.api.Endpoint.Unsent;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * Serves the connections of one endpoint, on its {@link EndpointLoop}: shakes hands, joins the group that the first message
 * asks for, parts messages, forwards, queues what a peer does not take at once, paces, and closes in order. With it a
 * transport for stream sockets binds, names its addresses, and passes {@link #quiesce} and {@link #stop} on.
 *
 * <p>Every method may be called by any thread. Not for implementation by plugins.
 */
public interface Streams {

    /**
     * Accept connections from now on.
     *
     * @param bound bound already; closed by {@link #quiesce} or {@link #stop}, and if this throws
     * @throws IOException if it cannot be used
     */
    void listen(ServerSocketChannel bound) throws IOException;

    /**
     * Serve one connection that the transport accepted, or made, itself.
     *
     * @param connection connected; closed from here on by this
     * @param peer who is at its other end
     */
    void serve(SocketChannel connection, Peer peer);

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
