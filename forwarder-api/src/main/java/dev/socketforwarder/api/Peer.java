package dev.socketforwarder.api;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** Describes the peer at the other end of a connection, or the sender of a datagram. */
public final class Peer {
    private final String endpoint;
    private final SocketAddress remote;
    private final SocketAddress local;
    private final List<X509Certificate> certificates;

    /**
     * Describe a peer without certificates.
     *
     * @param endpoint the name of the endpoint that the peer reached
     * @param remote the peer's address; for an IP socket an {@link InetSocketAddress}
     * @param local our address that the peer reached
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
     * {@return the same peer with its TLS certificates}
     *
     * @param verified the peer's chain, its own certificate first, verified up to an authority that the endpoint trusts
     */
    public Peer withCertificates(List<X509Certificate> verified) {
        return new Peer(endpoint, remote, local, List.copyOf(verified));
    }

    /**
     * {@return the name of the endpoint that the peer reached}
     */
    public String endpoint() {
        return endpoint;
    }

    /**
     * {@return the peer's address: an {@link InetSocketAddress} for an IP socket, for others the address that their transport has;
     * the address of a Unix domain socket is nearly always empty}
     */
    public SocketAddress remote() {
        return remote;
    }

    /**
     * {@return the peer's IP address; empty if it has none, so that no rule about addresses matches this peer}
     */
    public Optional<InetAddress> address() {
        return remote instanceof InetSocketAddress ip ? Optional.ofNullable(ip.getAddress()) : Optional.empty();
    }

    /**
     * {@return our address that the peer reached}
     */
    public SocketAddress local() {
        return local;
    }

    /**
     * {@return the peer's verified TLS certificates, its own first; empty if it showed none}
     */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    @Override
    public String toString() {
        return remote + " at " + endpoint;
    }
}
