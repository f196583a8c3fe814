package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.BindFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
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
            return new LoopbackEndpoint(context.name(), port, streams);
        }
    }

    private static final class LoopbackEndpoint implements Endpoint {
        private final String name;
        private final int port;
        private final Streams streams;
        private List<SocketAddress> addresses = List.of();

        LoopbackEndpoint(String name, int port, Streams streams) {
            this.name = name;
            this.port = port;
            this.streams = streams;
        }

        @Override
        public void start() throws IOException {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            var listener = ServerSocketChannel.open();
            try {
                listener.bind(address);
            } catch (IOException e) {
                listener.close();
                throw new BindFailure(name, address, e);
            }
            addresses = List.of(listener.getLocalAddress());
            streams.listen(listener);
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
            return streams.stop(limit);
        }
    }
}
