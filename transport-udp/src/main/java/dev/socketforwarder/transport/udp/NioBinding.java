package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.BindFailure;
import dev.socketforwarder.api.HostPort;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Opens and binds the channels of one endpoint, all or none, and says in one line what to do where that fails. */
final class NioBinding implements BoundAddresses.Kind<DatagramChannel> {
    private static final Logger LOG = System.getLogger(NioBinding.class.getName());
    // A machine with more (of containers, say) would have a descriptor for each: its wildcard does without.
    private static final int MOST_OWN_ADDRESSES = 64;

    private final String name;
    private final UdpSettings settings;
    private final Supplier<Set<InetAddress>> ownAddresses;

    /** Bind for an endpoint, on a machine that has {@code ownAddresses}. */
    NioBinding(String name, UdpSettings settings, Supplier<Set<InetAddress>> ownAddresses) {
        this.name = name;
        this.settings = settings;
        this.ownAddresses = ownAddresses;
    }

    List<DatagramChannel> open() throws IOException {
        var channels = new ArrayList<>(BoundAddresses.bind(name, settings, this));
        try {
            for (var wildcard : List.copyOf(channels)) {
                addOwnAddresses(wildcard, channels);
            }
            if (settings.sockets() > 1) {
                // Not before: so another process that shares the port is noticed.
                for (var channel : channels) {
                    channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                }
            }
            var granted = new UdpSettings.Buffers(
                    channels.getFirst().getOption(StandardSocketOptions.SO_RCVBUF),
                    channels.getFirst().getOption(StandardSocketOptions.SO_SNDBUF));
            BoundAddresses.warnOfSmallBuffers(name, settings.buffers(), granted);
            return channels;
        } catch (IOException e) {
            for (var channel : channels) {
                channel.close();
            }
            throw e;
        }
    }

    /**
     * Beside a wildcard, bind each address of the machine: the kernel prefers the socket with the very address, and what a
     * socket sends leaves from its address. From the wildcard it would leave from the one that the route suggests, which
     * may be another than the peer had sent to. Addresses that come later are served by the wildcard.
     */
    private void addOwnAddresses(DatagramChannel wildcard, List<DatagramChannel> channels) throws IOException {
        var bound = (InetSocketAddress) wildcard.getLocalAddress();
        var own = ownAddresses.get();
        if (!bound.getAddress().isAnyLocalAddress() || own.size() > MOST_OWN_ADDRESSES) {
            return;
        }
        // Sharing the port is allowed just while these are bound, so that nobody else can share it.
        wildcard.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        for (var address : own) {
            if (bound.getAddress() instanceof Inet6Address || address instanceof Inet4Address) {
                addShared(new InetSocketAddress(address, bound.getPort()), channels);
            }
        }
        wildcard.setOption(StandardSocketOptions.SO_REUSEADDR, false);
    }

    private void addShared(InetSocketAddress address, List<DatagramChannel> channels) throws IOException {
        var channel = open(address.getAddress());
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            channels.add(channel);
        } catch (IOException e) {
            // It is gone again, or configured as a host-address of its own: the wildcard serves it, or that one.
            LOG.log(Level.DEBUG, () -> "Endpoint " + name + " does not bind " + HostPort.text(address) + ": " + e);
            channel.close();
        }
    }

    @Override
    public DatagramChannel bind(InetSocketAddress address, boolean shares) throws IOException {
        DatagramChannel channel;
        try {
            channel = open(address.getAddress());
        } catch (UnsupportedOperationException e) {
            throw new BindFailure(name, address, new IOException("this machine has no IPv6", e));
        }
        try {
            if (shares) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            channel.bind(address);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw new BindFailure(name, address, e);
        }
    }

    @Override
    public void join(DatagramChannel channel, InetAddress group, NetworkInterface through) throws IOException {
        channel.join(group, through);
    }

    @Override
    public void sendToGroups(DatagramChannel channel, Optional<NetworkInterface> through, int ttl) throws IOException {
        channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, ttl);
        if (through.isPresent()) {
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, through.get());
        }
    }

    @Override
    public int port(DatagramChannel channel) throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public void close(DatagramChannel channel) throws IOException {
        channel.close();
    }

    private DatagramChannel open(InetAddress address) throws IOException {
        var family = address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        var channel = DatagramChannel.open(family);
        try {
            // Before bind, so that the first datagrams find the room already.
            channel.setOption(
                    StandardSocketOptions.SO_RCVBUF, settings.buffers().receive());
            channel.setOption(
                    StandardSocketOptions.SO_SNDBUF, settings.buffers().send());
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
