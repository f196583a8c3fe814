package dev.socketforwarder.api;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Who is at the other end. */
public final class Peer {
    private final String endpoint;
    private final SocketAddress remote;
    private final SocketAddress local;
    private final List<X509Certificate> certificates;

    /**
     * Describe a peer.
     *
     * @param endpoint the name of the endpoint that it came to
     * @param remote its address; that of an IP socket is an {@link InetSocketAddress}
     * @param local our address that it reached
     */
    public Peer(String endpoint, SocketAddress remote, SocketAddress local) {
        this(endpoint, remote, local, List.of());
    }

    private Peer(String endpoint, SocketAddress remote, SocketAddress local, List<X509Certificate> certificates) {
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
     * {@return its address: of an IP socket an {@link InetSocketAddress}, of others what their transport has, which may be
     * empty (that of a Unix domain socket nearly always is)}
     */
    public SocketAddress remote() {
        return remote;
    }

    /**
     * {@return its IP address; empty if it has none, so that nothing which goes by addresses can be true of it}
     */
    public Optional<InetAddress> address() {
        return remote instanceof InetSocketAddress ip ? Optional.ofNullable(ip.getAddress()) : Optional.empty();
    }

    /**
     * {@return our address that it reached}
     */
    public SocketAddress local() {
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
