package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.BindFailure;
import dev.socketforwarder.api.HostPort;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/** Opens and binds the channels of one endpoint, all or none, and says in one line what to do where that fails. */
final class Binding {
    private static final Logger LOG = System.getLogger(Binding.class.getName());
    // The kernel chooses a port for the first address; somebody may have it already at another.
    private static final int ATTEMPTS = 10;

    private final String name;
    private final UdpSettings settings;

    Binding(String name, UdpSettings settings) {
        this.name = name;
        this.settings = settings;
    }

    List<DatagramChannel> open() throws IOException {
        var addresses = new ArrayList<InetAddress>();
        for (var host : settings.hosts()) {
            addresses.addAll(HostPort.resolve("transports." + name + ".host-address", host));
        }
        for (int attempt = 1; ; attempt++) {
            try {
                var channels = open(addresses);
                warnOfSmallBuffers(channels.getFirst());
                return channels;
            } catch (IOException e) {
                if (settings.port() != 0 || addresses.size() == 1 || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private List<DatagramChannel> open(List<InetAddress> addresses) throws IOException {
        var channels = new ArrayList<DatagramChannel>();
        try {
            int port = settings.port();
            for (var address : addresses) {
                var channel = open(new InetSocketAddress(address, port));
                channels.add(channel);
                port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            }
            return channels;
        } catch (IOException e) {
            for (var channel : channels) {
                channel.close();
            }
            throw e;
        }
    }

    private DatagramChannel open(InetSocketAddress address) throws IOException {
        DatagramChannel channel;
        try {
            channel = DatagramChannel.open(
                    address.getAddress() instanceof Inet4Address
                            ? StandardProtocolFamily.INET
                            : StandardProtocolFamily.INET6);
        } catch (UnsupportedOperationException e) {
            throw new BindFailure(name, address, new IOException("this machine has no IPv6", e));
        }
        try {
            // Before bind, so that the first datagrams find the room already.
            channel.setOption(
                    StandardSocketOptions.SO_RCVBUF, settings.buffers().receive());
            channel.setOption(
                    StandardSocketOptions.SO_SNDBUF, settings.buffers().send());
            channel.bind(address);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw new BindFailure(name, address, e);
        }
    }

    private void warnOfSmallBuffers(DatagramChannel channel) throws IOException {
        var asked = settings.buffers();
        int receive = channel.getOption(StandardSocketOptions.SO_RCVBUF);
        int send = channel.getOption(StandardSocketOptions.SO_SNDBUF);
        if (receive >= asked.receive() && send >= asked.send()) {
            return;
        }
        LOG.log(
                Level.WARNING,
                "Endpoint {0}: the kernel granted socket buffers of {1} bytes for receiving and {2} for sending where {3}"
                        + " and {4} were asked, so bursts may be lost; remedy: sysctl -w net.core.rmem_max={3}"
                        + " net.core.wmem_max={4}, or set receive-buffer and send-buffer",
                name,
                Integer.toString(receive),
                Integer.toString(send),
                Integer.toString(asked.receive()),
                Integer.toString(asked.send()));
    }
}
