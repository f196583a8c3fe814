package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;

/** Makes endpoints that share groups with other forwarders, over NATS servers. */
public final class NatsTransport implements Transport {

    /** Make the transport. {@link java.util.ServiceLoader} calls this constructor. */
    public NatsTransport() {}

    @Override
    public String type() {
        return "nats";
    }

    @Override
    public Protocol protocol() {
        return Protocol.OTHER;
    }

    @Override
    public Endpoint open(TransportContext context) {
        return new NatsEndpoint(context, NatsSettings.read(context.settings()));
    }
}
