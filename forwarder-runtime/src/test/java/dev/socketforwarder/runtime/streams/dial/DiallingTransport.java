package dev.socketforwarder.runtime.streams.dial;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.HostPort;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Listens on one address, dials the servers of {@code connect}, and leaves everything else to the streams. */
final class DiallingTransport implements Transport {
    @Override
    public String type() {
        return "dialling";
    }

    @Override
    public Endpoint open(TransportContext context) {
        var settings = context.settings();
        var host = settings.list("host-address", List.of()).getFirst();
        var targets = settings.sections("connect").stream()
                .map(server -> target(context, server))
                .toList();
        return new DiallingEndpoint(
                new InetSocketAddress(host, settings.number("port", 0, 0, 65_535)),
                targets,
                context.streams(List.of("prefix")));
    }

    private static Target target(TransportContext context, Settings server) {
        var to = HostPort.parse(server.text("to", ""));
        return new Target(
                GroupId.of(server.text("group", "")),
                to.host(),
                to.portNumber(),
                StandardCharsets.UTF_8.encode(server.text("send", "")),
                context.settings()
                        .duration(
                                "connect-timeout", Duration.ofSeconds(10), Duration.ofMillis(10), Duration.ofHours(1)),
                context.tlsTo(server, to.host()));
    }

    private static final class DiallingEndpoint implements Endpoint {
        private final InetSocketAddress wanted;
        private final List<Target> targets;
        private final Streams streams;
        private List<SocketAddress> bound = List.of();

        DiallingEndpoint(InetSocketAddress wanted, List<Target> targets, Streams streams) {
            this.wanted = wanted;
            this.targets = targets;
            this.streams = streams;
        }

        @Override
        public void start() throws IOException {
            var family = wanted.getAddress() instanceof Inet4Address
                    ? StandardProtocolFamily.INET
                    : StandardProtocolFamily.INET6;
            var channel = ServerSocketChannel.open(family).bind(wanted, 1_024);
            bound = List.of(channel.getLocalAddress());
            streams.listen(channel);
            targets.forEach(streams::dial);
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
            return streams.stop(limit);
        }
    }
}
