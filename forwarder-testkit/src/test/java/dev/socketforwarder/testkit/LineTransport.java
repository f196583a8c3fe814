package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.ListeningSettings;
import dev.socketforwarder.api.kit.ListeningSockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/** The example of docs/PLUGINS.md: TCP connections with a {@link LineCodec}. */
final class LineTransport implements Transport {
    @Override
    public String type() {
        return "lines";
    }

    @Override
    public Endpoint open(TransportContext context) {
        return new LineEndpoint(context);
    }

    private static final class LineEndpoint implements Endpoint {
        private final Streams streams;
        private final ListeningSockets sockets;
        private final ListeningSettings listening;
        private volatile String prefix;

        LineEndpoint(TransportContext context) {
            streams = context.streams(List.of("prefix"), conversation -> new LineCodec(conversation, prefix));
            sockets = new ListeningSockets(context, streams);
            prefix = context.settings().text("new-client-prefix", "SOCKETFORWARDER-NEW:");
            listening = ListeningSettings.read(context.settings());
        }

        @Override
        public void start() throws IOException {
            sockets.start(listening);
        }

        @Override
        public boolean adopt(Endpoint opened) {
            var fresh = (LineEndpoint) opened;
            try {
                if (!sockets.move(fresh.listening)) {
                    return false;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            prefix = fresh.prefix;
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
            return sockets.stop(limit);
        }
    }
}
