package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;

/** Listens on TCP ports. All its endpoints share one set of event loops. */
public final class TcpTransport implements Transport {
    private final EventLoops loops = new EventLoops();

    /** For the service loader. */
    public TcpTransport() {}

    EventLoops loops() {
        return loops;
    }

    @Override
    public String type() {
        return "tcp";
    }

    @Override
    public Endpoint open(TransportContext context) {
        return new TcpEndpoint(context, TcpSettings.read(context.settings()), loops);
    }
}
