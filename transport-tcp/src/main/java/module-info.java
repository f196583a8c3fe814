/**
 * The TCP transport, and the handshake policy that admits connections from preconfigured addresses.
 *
 * @provides dev.socketforwarder.api.Transport {@code tcp}
 * @provides dev.socketforwarder.api.HandshakePolicy {@code address}
 */
module dev.socketforwarder.transport.tcp {
    requires dev.socketforwarder.api;

    provides dev.socketforwarder.api.Transport with
            dev.socketforwarder.transport.tcp.TcpTransport;
    provides dev.socketforwarder.api.HandshakePolicy with
            dev.socketforwarder.transport.tcp.AddressPolicy;
}
