package dev.socketforwarder.testkit;

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

/** Runs the contract of streams with the testkit's own scripted streams, which must keep all promises too. */
class ScriptedStreamsTest extends StreamContract {

    @Override
    protected Transport transport() {
        return new LoopbackTransport();
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("port", 0);
    }

    private static final class LoopbackTransport implements Transport {
        @Override
        public String type() {
            return "loopback";
        }

        @Override
        public Endpoint open(TransportContext context) {
            int port = context.settings().required("port", 0, 65_535);
            return new LoopbackEndpoint(context.name(), port, context.streams(List.of("prefix")));
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
