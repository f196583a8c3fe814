package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.BindFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
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
        var host = context.settings().list("host-address", List.of()).getFirst();
        var policies = List.of("prefix");
        var streams = codecs.map(each -> context.streams(policies, each)).orElseGet(() -> context.streams(policies));
        int port = context.settings().number("port", 0, 0, 65_535);
        return new ListeningEndpoint(context.name(), new InetSocketAddress(host, port), streams);
    }

    private static final class ListeningEndpoint implements Endpoint {
        private final String name;
        private final InetSocketAddress wanted;
        private final Streams streams;
        private List<SocketAddress> bound = List.of();

        ListeningEndpoint(String name, InetSocketAddress wanted, Streams streams) {
            this.name = name;
            this.wanted = wanted;
            this.streams = streams;
        }

        @Override
        public void start() throws IOException {
            var channel = ServerSocketChannel.open();
            try {
                channel.bind(wanted, 1_024);
            } catch (IOException e) {
                channel.close();
                throw new BindFailure(name, wanted, e);
            }
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
