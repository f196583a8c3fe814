package dev.socketforwarder.api.kit;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Binds TCP sockets.
 *
 * @param endpoint the endpoint's name, for messages
 * @param backlog how many connections may wait in the kernel until they are accepted
 * @param reusePort whether another process of the same user may bind the same addresses
 */
record SocketBinding(String endpoint, int backlog, boolean reusePort) {
    private static final Logger LOG = System.getLogger(SocketBinding.class.getName());

    /**
     * Bind all addresses, or none. Of addresses with port 0, the first gets a port from the kernel, and all others the same one.
     *
     * @param addresses where to listen; may be empty
     * @return the bound channels, in the order of the addresses
     * @throws IOException if an address cannot be bound; the message is one line, names the address and says what to do
     */
    List<ServerSocketChannel> bind(List<InetSocketAddress> addresses) throws IOException {
        var bound = new ArrayList<ServerSocketChannel>();
        try {
            int chosen = 0;
            for (var address : addresses) {
                int port = address.getPort() == 0 ? chosen : address.getPort();
                bound.add(bind(new InetSocketAddress(address.getAddress(), port)));
                chosen = ((InetSocketAddress) bound.getFirst().getLocalAddress()).getPort();
            }
            return bound;
        } catch (IOException e) {
            for (var channel : bound) {
                channel.close();
            }
            throw e;
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
            boolean isShared = reusePort && share(channel, family, address);
            channel.bind(address, backlog);
            if (isShared) {
                LOG.log(
                        Level.INFO,
                        "Endpoint {0}: another process listens on {1} too; until it stops, its members and those of this process"
                                + " do not hear each other",
                        endpoint,
                        AddressText.of(address));
            }
            return channel;
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
            }
            throw new BindFailure(endpoint, address, e);
        }
    }

    /** {@return whether another process listens at the address now} */
    private boolean share(ServerSocketChannel channel, ProtocolFamily family, InetSocketAddress address)
            throws IOException {
        if (!channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            throw new IOException(
                    "this system has no SO_REUSEPORT; set transports." + endpoint + ".reuse-port to false");
        }
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        try (var trial = SocketChannel.open(family)) { // which does not listen, so that nobody connects to it
            trial.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(address);
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    private static ServerSocketChannel open(ProtocolFamily family) throws IOException {
        try {
            return ServerSocketChannel.open(family);
        } catch (UnsupportedOperationException e) {
            throw new IOException(e.getMessage(), e); // if this machine has no IPv6, for example
        }
    }
}
