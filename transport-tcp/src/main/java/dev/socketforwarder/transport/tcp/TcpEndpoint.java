package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.BindFailure;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.api.kit.Lookups;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One TCP endpoint: the addresses that it listens on, and the servers that it connects to. */
final class TcpEndpoint implements Endpoint {
    /** Far longer than a turn of the loop takes. */
    private static final Duration TURN = Duration.ofSeconds(10);

    private final TransportContext context;
    private final TcpSettings settings;
    private final Streams streams;
    private final EndpointLoop loop; // the loop of the diallers; null if there are none
    private final List<Dialler> diallers;
    private List<SocketAddress> addresses = List.of();
    private boolean started;

    TcpEndpoint(TransportContext context, TcpSettings settings, Lookups lookups) {
        this.context = context;
        this.settings = settings;
        this.streams = context.streams(List.of("address", "prefix"));
        this.loop = settings.connect().isEmpty() ? null : context.loop();
        this.diallers = settings.connect().stream()
                .map(target -> new Dialler(context, streams, loop, lookups, settings.connectTimeout(), target))
                .toList();
    }

    @Override
    public void start() throws IOException {
        var bound = new ArrayList<ServerSocketChannel>();
        var local = new ArrayList<SocketAddress>();
        try {
            bindAll(bound);
            for (var channel : bound) {
                local.add(channel.getLocalAddress());
            }
            for (var channel : bound) {
                streams.listen(channel);
            }
        } catch (IOException e) {
            for (var channel : bound) {
                channel.close(); // closes those that listen already too, since an endpoint that did not start is not
                // stopped
            }
            throw e;
        }
        addresses = List.copyOf(local);
        diallers.forEach(dialler -> loop.execute(dialler::begin));
        started = true;
    }

    private void bindAll(List<ServerSocketChannel> bound) throws IOException {
        if (!settings.listens()) {
            return;
        }
        int port = settings.port();
        for (var address : HostPort.resolve("host-address", settings.hosts())) {
            var channel = bind(new InetSocketAddress(address, port));
            bound.add(channel);
            port = ((InetSocketAddress) channel.getLocalAddress())
                    .getPort(); // the port that the kernel chose serves all addresses
        }
    }

    private ServerSocketChannel bind(InetSocketAddress address) throws IOException {
        // Of the address's family, or Java would open an IPv4 wildcard as "::". "::" itself serves both.
        var family = address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
        ServerSocketChannel channel = null;
        try {
            channel = open(family);
            return channel.bind(address, settings.backlog());
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
            }
            throw new BindFailure(context.name(), address, e);
        }
    }

    private static ServerSocketChannel open(ProtocolFamily family) throws IOException {
        try {
            return ServerSocketChannel.open(family);
        } catch (UnsupportedOperationException e) {
            throw new IOException(e.getMessage(), e); // if this machine has no IPv6, for example
        }
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return addresses;
    }

    @Override
    public void quiesce(Duration limit) {
        dialNobody();
        streams.quiesce(limit);
    }

    @Override
    public Unsent stop(Duration limit) {
        dialNobody();
        addresses = List.of();
        return streams.stop(limit);
    }

    private void dialNobody() {
        if (started && loop != null) {
            loop.call(() -> diallers.forEach(Dialler::end), TURN);
        }
    }
}
