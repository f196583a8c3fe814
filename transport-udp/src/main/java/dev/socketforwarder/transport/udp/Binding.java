package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/** Opens and binds the channels of one endpoint, all or none, and says in one line what to do where that fails. */
final class Binding {
    private static final Logger LOG = System.getLogger(Binding.class.getName());
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;
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
            addresses.add(resolve(host));
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

    private InetAddress resolve(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException(
                    "host name \"" + host + "\" of endpoint " + name + " is not known: set host-address to an address"
                            + " of this machine, or to 0.0.0.0 for all",
                    e);
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
            throw new IOException(
                    "cannot bind UDP " + HostPort.text(address)
                            + ": this machine has no IPv6; set host-address to 0.0.0.0",
                    e);
        }
        try {
            setBuffer(
                    channel, StandardSocketOptions.SO_RCVBUF, settings.buffers().receive());
            setBuffer(
                    channel, StandardSocketOptions.SO_SNDBUF, settings.buffers().send());
            channel.bind(address);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw new IOException(
                    "cannot bind UDP " + HostPort.text(address) + ": " + e.getMessage() + "; " + remedy(address, e), e);
        }
    }

    private static void setBuffer(DatagramChannel channel, SocketOption<Integer> option, int size) throws IOException {
        // Before bind, so that the first datagrams find the room already.
        channel.setOption(option, size);
    }

    private String remedy(InetSocketAddress address, IOException e) {
        var key = "transports." + name + ".port";
        if (!(e instanceof BindException)) {
            return "see " + key;
        }
        if (!isLocal(address.getAddress())) {
            return "no interface of this machine has that address: set host-address to one that it has, or to 0.0.0.0";
        }
        if (address.getPort() < FIRST_UNPRIVILEGED_PORT) {
            return "ports under 1024 need root or the capability net_bind_service, or another program has it: set "
                    + key;
        }
        return "find the program that has it with \"ss -lunp\", or set " + key + " to a free one";
    }

    private static boolean isLocal(InetAddress address) {
        try {
            return address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException _) {
            // Only the hint depends on it.
            return true;
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
