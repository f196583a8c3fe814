package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.BindFailure;
import dev.socketforwarder.api.kit.ListeningHosts;
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
    private final TransportContext context;
    private final TcpSettings settings;
    private final Streams streams;
    private List<SocketAddress> addresses = List.of();

    TcpEndpoint(TransportContext context, TcpSettings settings) {
        this.context = context;
        this.settings = settings;
        this.streams = context.streams(List.of("address", "prefix"));
    }

    @Override
    public void start() throws IOException {
        var wanted = wanted();
        var inherited = context.inheritedSockets(Protocol.TCP, wanted);
        wanted.removeIf(address -> inherited.stream().anyMatch(socket -> socket.replaces(address)));
        var bound = new ArrayList<ServerSocketChannel>();
        var local = new ArrayList<SocketAddress>();
        try {
            bindAll(wanted, bound);
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
                channel.close(); // closes those that listen already too, since an endpoint that did not start is not
                // stopped
            }
            throw e;
        }
        addresses = List.copyOf(local);
        settings.connect().forEach(streams::dial);
    }

    private List<InetSocketAddress> wanted() throws IOException {
        var all = new ArrayList<InetSocketAddress>();
        if (settings.listens()) {
            for (var address : ListeningHosts.resolve("host-address", settings.hosts())) {
                all.add(new InetSocketAddress(address, settings.port()));
            }
        }
        return all;
    }

    private void bindAll(List<InetSocketAddress> wanted, List<ServerSocketChannel> bound) throws IOException {
        int port = settings.port();
        for (var address : wanted) {
            var channel = bind(new InetSocketAddress(address.getAddress(), port));
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
        streams.quiesce(limit);
    }

    @Override
    public Unsent stop(Duration limit) {
        addresses = List.of();
        return streams.stop(limit);
    }
}
