package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.ListeningSockets;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One WebSocket endpoint: binds its addresses, and leaves the connections to the streams with a codec for each. */
final class WebSocketEndpoint implements Endpoint {
    private static final int BACKLOG = 1_024;

    static {
        // Before any other class of Netty: they would log all their settings where the forwarder logs with debug.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    private final TransportContext context;
    private final Streams streams;
    private final Deflate deflate = new Deflate();
    private volatile WebSocketSettings settings;
    private volatile List<SocketAddress> addresses = List.of();

    WebSocketEndpoint(TransportContext context, WebSocketSettings settings) {
        this.context = context;
        this.settings = settings;
        this.streams = context.streams(
                WebSocketSettings.POLICIES, conversation -> new RequestCodec(conversation, this.settings, deflate));
    }

    @Override
    public void start() throws IOException {
        var wanted = new ArrayList<>(ListeningSockets.addresses(settings.hosts(), settings.port()));
        var inherited = context.inheritedSockets(Protocol.TCP, wanted);
        wanted.removeIf(address -> inherited.stream().anyMatch(socket -> socket.replaces(address)));
        var bound = new ListeningSockets(context.name(), BACKLOG, settings.reusePort()).bind(wanted);
        var local = new ArrayList<SocketAddress>();
        try {
            for (var channel : bound) {
                local.add(channel.getLocalAddress());
            }
            for (var channel : bound) {
                streams.listen(channel);
            }
            for (var socket : inherited) {
                streams.adopt(socket);
                local.add(socket.address());
            }
        } catch (IOException e) {
            for (var channel : bound) {
                channel.close();
            }
            throw e;
        }
        addresses = List.copyOf(local);
        Rehearsal.begin(context.name(), settings, deflate);
    }

    /** Use changed rules for the connections that come afterwards, unless the endpoint has to listen elsewhere. */
    @Override
    public boolean adopt(Endpoint fresh) {
        var changed = ((WebSocketEndpoint) fresh).settings;
        if (!changed.listensAs(settings)) {
            return false;
        }
        settings = changed;
        return true;
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return addresses;
    }

    @Override
    public void quiesce(Duration limit) {
        streams.quiesce(limit);
    }

    @Override
    public Unsent stop(Duration limit) {
        addresses = List.of();
        var unsent = streams.stop(limit);
        deflate.close();
        return unsent;
    }
}
