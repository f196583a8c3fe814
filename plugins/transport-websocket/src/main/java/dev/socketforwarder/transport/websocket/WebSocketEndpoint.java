package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.ListeningSockets;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/** One WebSocket endpoint: binds its addresses, and leaves the connections to the streams with a codec for each. */
final class WebSocketEndpoint implements Endpoint {
    static {
        // Before any other class of Netty: they would log all their settings where the forwarder logs with debug.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    private final TransportContext context;
    private final Streams streams;
    private final ListeningSockets sockets;
    private final Deflate deflate = new Deflate();
    private volatile WebSocketSettings settings;

    WebSocketEndpoint(TransportContext context, WebSocketSettings settings) {
        this.context = context;
        this.settings = settings;
        this.streams = context.streams(
                WebSocketSettings.POLICIES, conversation -> new RequestCodec(conversation, this.settings, deflate));
        this.sockets = new ListeningSockets(context, streams);
    }

    @Override
    public void start() throws IOException {
        sockets.start(settings.listening());
        Rehearsal.begin(context.name(), settings, deflate);
    }

    /** Listen where the changed settings say, and use their rules for the connections that come afterwards. */
    @Override
    public boolean adopt(Endpoint fresh) {
        var changed = ((WebSocketEndpoint) fresh).settings;
        try {
            if (!sockets.move(changed.listening())) {
                return false;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        settings = changed;
        return true;
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return sockets.addresses();
    }

    @Override
    public void quiesce(Duration limit) {
        streams.quiesce(limit);
    }

    @Override
    public Unsent stop(Duration limit) {
        var unsent = sockets.stop(limit);
        deflate.close();
        return unsent;
    }
}
