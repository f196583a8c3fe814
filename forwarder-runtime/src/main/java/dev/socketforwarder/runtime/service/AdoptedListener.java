package dev.socketforwarder.runtime.service;

import dev.socketforwarder.api.InheritedSocket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes a channel of a socket that listens already. {@code System.inheritedChannel()} would serve only one socket of the process,
 * and its close replaces standard output and standard error. So this class opens a channel that listens at a free port of the
 * loopback address, and then makes the channel's descriptor refer to the other socket (dup3(2)), as the JDK itself does when it
 * closes a channel. The channel goes on reporting the address of the loopback.
 */
public final class AdoptedListener {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private AdoptedListener() {}

    /**
     * {@return a channel that accepts the connections of this socket}
     *
     * @throws IOException if the channel cannot be made; the message is for the user
     */
    public static ServerSocketChannel of(InheritedSocket socket) throws IOException {
        boolean isSix = socket.address().getAddress() instanceof Inet6Address;
        var channel = ServerSocketChannel.open(isSix ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        try {
            channel.bind(new InetSocketAddress(InetAddress.ofLiteral(isSix ? "::1" : "127.0.0.1"), 0), 1);
            int fd = socket.duplicate();
            try {
                SystemCalls.dup3(fd, descriptor((InetSocketAddress) channel.getLocalAddress()));
            } finally {
                SystemCalls.close(fd);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** {@return the descriptor of the socket of this process that listens at {@code address}, where no other can} */
    private static int descriptor(InetSocketAddress address) throws IOException {
        try (var all = Files.newDirectoryStream(DESCRIPTORS)) {
            for (var path : all) {
                int fd = Integer.parseInt(path.getFileName().toString());
                if (listensAt(fd, address)) {
                    return fd;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        throw new IOException(DESCRIPTORS + " does not show the socket at " + address);
    }

    private static boolean listensAt(int fd, InetSocketAddress address) {
        try {
            return SocketAddresses.local(fd).filter(address::equals).isPresent()
                    && SystemCalls.getsockopt(fd, SystemCalls.SO_ACCEPTCONN) == 1;
        } catch (IOException _) {
            return false; // a file, or closed meanwhile
        }
    }
}
