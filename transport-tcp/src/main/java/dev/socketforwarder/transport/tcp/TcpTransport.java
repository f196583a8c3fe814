package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;

/** The transport {@code tcp}: listens on TCP ports, and connects to TCP servers. */
public final class TcpTransport implements Transport {
    /** Make the transport; for {@link java.util.ServiceLoader}. */
    public TcpTransport() {}

    @Override
    public String type() {
        return "tcp";
    }

    @Override
    public Endpoint open(TransportContext context) {
        return new TcpEndpoint(context, TcpSettings.read(context.settings()), NameService.LOOKUPS);
    }
}
