package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.ListeningSettings;
import dev.socketforwarder.api.kit.ListeningSockets;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Listens on TCP ports of the loopback, and leaves everything else to the streams. */
final class ListeningTransport implements Transport {
    private final Optional<Codec.Factory> codecs;

    /** Make a transport of plain streams. */
    ListeningTransport() {
        this.codecs = Optional.empty();
    }

    /** Make a transport whose clients speak through these codecs. */
    ListeningTransport(Codec.Factory codecs) {
        this.codecs = Optional.of(codecs);
    }

    @Override
    public String type() {
        return "listening";
    }

    @Override
    public Endpoint open(TransportContext context) {
        var hosts = context.settings().list("host-address", List.of());
        var policies = List.of("prefix");
        var streams = codecs.map(each -> context.streams(policies, each)).orElseGet(() -> context.streams(policies));
        int port = context.settings().number("port", 0, 0, 65_535);
        var listening = new ListeningSettings(hosts, port, 1_024, false);
        return new ListeningEndpoint(listening, streams, new ListeningSockets(context, streams));
    }

    private record ListeningEndpoint(ListeningSettings listening, Streams streams, ListeningSockets sockets)
            implements Endpoint {
        @Override
        public void start() throws IOException {
            sockets.start(listening);
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
