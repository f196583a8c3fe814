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
     * @param remote the peer's address; an {@link InetSocketAddress} for an IP socket
     * @param local the forwarder's address that the peer reached
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
     * {@return a copy of this peer with TLS certificates}
     *
     * @param verified the peer's certificate chain, which begins with the peer's own certificate. The caller has verified the
     *     chain up to an authority that the endpoint trusts
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
     * {@return the peer's address: an {@link InetSocketAddress} for an IP socket, and the address type of the transport for any
     * other socket. The address of a Unix domain socket's peer is nearly always empty}
     */
    public SocketAddress remote() {
        return remote;
    }

    /**
     * {@return the peer's IP address; empty if the peer has none. No rule about addresses matches a peer without an IP address}
     */
    public Optional<InetAddress> address() {
        return remote instanceof InetSocketAddress ip ? Optional.ofNullable(ip.getAddress()) : Optional.empty();
    }

    /**
     * {@return the forwarder's address that the peer reached}
     */
    public SocketAddress local() {
        return local;
    }

    /**
     * {@return the peer's verified TLS certificates, beginning with its own; empty if the peer presented none}
     */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    @Override
    public String toString() {
        return remote + " at " + endpoint;
    }
}
