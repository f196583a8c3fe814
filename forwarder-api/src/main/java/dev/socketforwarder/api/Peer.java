package dev.socketforwarder.api;

import java.net.InetSocketAddress;

/** Who is at the other end. */
public final class Peer {
    private final String endpoint;
    private final InetSocketAddress remote;
    private final InetSocketAddress local;

    /**
     * Describe a peer of an IP socket.
     *
     * @param endpoint the name of the endpoint that it came to
     * @param remote its address and port
     * @param local our address and port that it reached
     */
    public Peer(String endpoint, InetSocketAddress remote, InetSocketAddress local) {
        this.endpoint = endpoint;
        this.remote = remote;
        this.local = local;
    }

    /**
     * {@return the name of the endpoint that it came to}
     */
    public String endpoint() {
        return endpoint;
    }

    /**
     * {@return its address and port}
     */
    public InetSocketAddress remote() {
        return remote;
    }

    /**
     * {@return our address and port that it reached}
     */
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public String toString() {
        return remote + " at " + endpoint;
    }
}
