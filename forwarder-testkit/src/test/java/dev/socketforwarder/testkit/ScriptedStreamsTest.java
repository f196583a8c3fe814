package dev.socketforwarder.testkit;

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
import java.util.Map;
import java.util.Optional;

/** Runs the contract of streams with the testkit's own scripted streams, which must keep all promises too. */
class ScriptedStreamsTest extends StreamContract {

    @Override
    protected Transport transport() {
        return new LoopbackTransport(Optional.empty());
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("port", 0);
    }

    /** A transport of TCP, plain or with codecs. */
    record LoopbackTransport(Optional<Codec.Factory> codecs) implements Transport {
        @Override
        public String type() {
            return "loopback";
        }

        @Override
        public Endpoint open(TransportContext context) {
            int port = context.settings().required("port", 0, 65_535);
            var policies = List.of("prefix");
            var streams =
                    codecs.map(each -> context.streams(policies, each)).orElseGet(() -> context.streams(policies));
            var listening = new ListeningSettings(List.of("127.0.0.1"), port, 1_024, false);
            return new LoopbackEndpoint(listening, streams, new ListeningSockets(context, streams));
        }
    }

    private record LoopbackEndpoint(ListeningSettings listening, Streams streams, ListeningSockets sockets)
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
