/**
 * The UDP transport: one group for each endpoint, with members that register by a datagram.
 *
 * @provides dev.socketforwarder.api.Transport of type {@code udp}
 */
module dev.socketforwarder.transport.udp {
    requires dev.socketforwarder.api;

    provides dev.socketforwarder.api.Transport with
            dev.socketforwarder.transport.udp.UdpTransport;
}
