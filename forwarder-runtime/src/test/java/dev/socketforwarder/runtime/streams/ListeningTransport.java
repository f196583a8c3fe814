package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;

/** Listens on TCP ports of the loopback, and leaves everything else to the streams. */
final class ListeningTransport implements Transport {
    @Override
    public String type() {
        return "listening";
    }

    @Override
    public Endpoint open(TransportContext context) {
        var host = context.settings().list("host-address", List.of()).getFirst();
        return new ListeningEndpoint(new InetSocketAddress(host, 0), context.streams(List.of("prefix")));
    }

    private static final class ListeningEndpoint implements Endpoint {
        private final InetSocketAddress wanted;
        private final Streams streams;
        private List<SocketAddress> bound = List.of();

        ListeningEndpoint(InetSocketAddress wanted, Streams streams) {
            this.wanted = wanted;
            this.streams = streams;
        }

        @Override
        public void start() throws IOException {
            var channel = ServerSocketChannel.open().bind(wanted, 1_024);
            bound = List.of(channel.getLocalAddress());
            streams.listen(channel);
        }

        @Override
        public List<SocketAddress> localAddresses() {
            return bound;
        }

        @Override
        public void quiesce(Duration limit) {
            streams.quiesce(limit);
        }

        @Override
        public Unsent stop(Duration limit) {
            bound = List.of();
            return streams.stop(limit);
        }
    }
}
