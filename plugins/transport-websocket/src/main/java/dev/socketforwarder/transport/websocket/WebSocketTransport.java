package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;

/** The transport {@code websocket}: WebSocket, server-sent events and HTTP POST on one port. */
public final class WebSocketTransport implements Transport {

    /** Make the transport. {@link java.util.ServiceLoader} calls this constructor. */
    public WebSocketTransport() {}

    @Override
    public String type() {
        return "websocket";
    }

    @Override
    public Endpoint open(TransportContext context) {
        return new WebSocketEndpoint(context, WebSocketSettings.read(context.settings()));
    }
}
