package dev.socketforwarder.api;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;

/** Who is at the other end. */
public final class Peer {
    private final String endpoint;
    private final InetSocketAddress remote;
    private final InetSocketAddress local;
    private final List<X509Certificate> certificates;

    /**
     * Describe a peer of an IP socket.
     *
     * @param endpoint the name of the endpoint that it came to
     * @param remote its address and port
     * @param local our address and port that it reached
     */
    public Peer(String endpoint, InetSocketAddress remote, InetSocketAddress local) {
        this(endpoint, remote, local, List.of());
    }

    private Peer(
            String endpoint, InetSocketAddress remote, InetSocketAddress local, List<X509Certificate> certificates) {
        this.endpoint = endpoint;
        this.remote = remote;
        this.local = local;
        this.certificates = certificates;
    }

    /**
     * {@return the same peer, which proved by TLS that the first of these certificates is its own}
     *
     * @param verified its chain, verified up to a certificate authority that the endpoint trusts
     */
    public Peer withCertificates(List<X509Certificate> verified) {
        return new Peer(endpoint, remote, local, List.copyOf(verified));
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

    /**
     * {@return its verified TLS certificates, its own first; empty if it showed none}
     */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    @Override
    public String toString() {
        return remote + " at " + endpoint;
    }
}
