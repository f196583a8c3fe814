/**
 * The UDP transport: each endpoint has one group, whose members register by a datagram.
 *
 * @provides dev.socketforwarder.api.Transport of type {@code udp}
 */
module dev.socketforwarder.transport.udp {
    requires dev.socketforwarder.api;

    provides dev.socketforwarder.api.Transport with
            dev.socketforwarder.transport.udp.UdpTransport;
}
