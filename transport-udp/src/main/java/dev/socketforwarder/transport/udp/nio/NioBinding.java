package dev.socketforwarder.transport.udp.nio;

import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.api.kit.BindFailure;
import dev.socketforwarder.transport.udp.io.BoundAddresses;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Opens and binds the channels of one endpoint, all or none, and explains a failure in one line. */
final class NioBinding implements BoundAddresses.Kind<DatagramChannel> {
    private static final Logger LOG = System.getLogger(NioBinding.class.getName());

    private final TransportContext context;
    private final String name;
    private final UdpSettings settings;
    private final Supplier<Set<InetAddress>> ownAddresses;

    /** Make a binding for an endpoint, on a machine with {@code ownAddresses}. */
    NioBinding(TransportContext context, UdpSettings settings, Supplier<Set<InetAddress>> ownAddresses) {
        this.context = context;
        this.name = context.name();
        this.settings = settings;
        this.ownAddresses = ownAddresses;
    }

    List<DatagramChannel> open() throws IOException {
        var channels = new ArrayList<>(BoundAddresses.bind(context, settings, this));
        try {
            for (var wildcard : List.copyOf(channels)) {
                addOwnAddresses(wildcard, channels);
            }
            if (settings.sockets() > 1) {
                // Shared only now, so that a port shared by another process is noticed.
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
     * Bind each address of the machine beside a wildcard. The kernel prefers the socket with the exact address, and a
     * socket sends from its own address. A wildcard socket would answer from the address that the route suggests, which
     * may differ from the one the peer had sent to. Addresses that appear later are bound when they appear.
     */
    private void addOwnAddresses(DatagramChannel wildcard, List<DatagramChannel> channels) throws IOException {
        var bound = (InetSocketAddress) wildcard.getLocalAddress();
        var own = ownAddresses.get();
        if (!bound.getAddress().isAnyLocalAddress()) {
            return;
        }
        LOG.log(
                Level.INFO,
                "Endpoint {0}: nio does not tell the address that a datagram arrived at, so if no network interface has that"
                        + " address, members may be answered from another; remedy: io: native, or name the address in"
                        + " host-address",
                name);
        for (var address : own) {
            if (channels.size() >= NioSockets.MOST_SOCKETS) {
                LOG.log(
                        Level.WARNING,
                        "Endpoint {0}: this machine has {1} addresses, too many to bind each beside the wildcard, so members"
                                + " at some of them may be answered from another; remedy: io: native, or name the addresses"
                                + " in host-address",
                        name,
                        Integer.toString(own.size()));
                return;
            }
            if (bound.getAddress() instanceof Inet6Address || address instanceof Inet4Address) {
                addShared(new InetSocketAddress(address, bound.getPort()), channels);
            }
        }
    }

    private void addShared(InetSocketAddress address, List<DatagramChannel> channels) {
        try {
            channels.add(bindBeside(channels, address));
        } catch (IOException e) {
            // The address is gone again, or another host-address names it; the wildcard or that socket serves it.
            LOG.log(Level.DEBUG, () -> "Endpoint " + name + " does not bind " + AddressText.of(address) + ": " + e);
        }
    }

    /** {@return another channel at the port of {@code bound}, at the address of one of them or another address} */
    DatagramChannel bindBeside(List<DatagramChannel> bound, InetSocketAddress address) throws IOException {
        var channel = open(address.getAddress());
        // With several sockets the port is always shared among this user's sockets.
        boolean shared = bound.getFirst().getOption(StandardSocketOptions.SO_REUSEPORT);
        try {
            if (shared) {
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                channel.bind(address);
            } else {
                bindSharing(channel, bound, address);
            }
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Share the port only while binding, so that no other process can share it. */
    private static void bindSharing(DatagramChannel channel, List<DatagramChannel> bound, InetSocketAddress address)
            throws IOException {
        try {
            for (var each : bound) {
                each.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
        } finally {
            for (var each : bound) {
                each.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            }
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
    public DatagramChannel adopt(InheritedSocket inherited) throws IOException {
        throw new IOException("transports." + name + ".io: datagram channels cannot use the service manager's socket "
                + AddressText.of(inherited.address()) + "; set it to native, or bind the address here");
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
            // Set before bind, so that the first datagrams have the room.
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
