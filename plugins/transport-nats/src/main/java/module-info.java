/**
 * The NATS bridge, which lets groups span several forwarders.
 *
 * @provides dev.socketforwarder.api.Transport {@code nats}
 */
@SuppressWarnings("requires-automatic") // the NATS client has no module descriptor
module dev.socketforwarder.transport.nats {
    requires dev.socketforwarder.api;
    requires io.nats.jnats;

    provides dev.socketforwarder.api.Transport with
            dev.socketforwarder.transport.nats.NatsTransport;
}
