/**
 * WebSocket, server-sent events and HTTP POST, which let browsers join the groups of other sockets.
 *
 * @provides dev.socketforwarder.api.Transport {@code websocket}
 */
module dev.socketforwarder.transport.websocket {
    requires dev.socketforwarder.api;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.transport;

    provides dev.socketforwarder.api.Transport with
            dev.socketforwarder.transport.websocket.WebSocketTransport;
}
