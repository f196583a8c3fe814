package dev.socketforwarder.runtime.service;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * A socket that the service manager passed to this process.
 *
 * @param fd its descriptor, which stays open while the process runs, so that an endpoint can be started again
 * @param name the name that the service manager gave it
 */
record PassedSocket(int fd, String name, Protocol protocol, InetSocketAddress address) {

    /**
     * Find out what was passed.
     *
     * @throws UsageException if it is nothing that an endpoint can use
     */
    static PassedSocket of(int fd, String name) {
        try {
            int type = SystemCalls.getsockopt(fd, SystemCalls.SO_TYPE);
            var address = SocketAddresses.local(fd)
                    .orElseThrow(() -> refused(fd, name, "is no IP socket; pass only TCP and UDP sockets"));
            if (type == SystemCalls.SOCK_STREAM) {
                requireListening(fd, name);
            } else if (type != SystemCalls.SOCK_DGRAM) {
                throw refused(fd, name, "is neither TCP nor UDP; use ListenStream= and ListenDatagram=");
            } else if (SocketAddresses.isConnected(fd)) {
                throw refused(fd, name, "is connected to one peer; pass a socket that is only bound");
            }
            return new PassedSocket(fd, name, type == SystemCalls.SOCK_STREAM ? Protocol.TCP : Protocol.UDP, address);
        } catch (IOException e) {
            throw refused(fd, name, "cannot be used, " + e.getMessage());
        }
    }

    private static void requireListening(int fd, String name) throws IOException {
        if (SystemCalls.getsockopt(fd, SystemCalls.SO_ACCEPTCONN) == 0) {
            throw refused(
                    fd,
                    name,
                    SocketAddresses.isConnected(fd)
                            ? "is a connection; set Accept=no in the socket unit"
                            : "does not listen; pass a socket that listens");
        }
    }

    private static UsageException refused(int fd, String name, String why) {
        return new UsageException(
                "descriptor " + fd + " of the service manager (" + Printable.quoted(name) + ") " + why);
    }

    /** {@return whether peers that a socket at {@code configured} would serve reach this socket} */
    boolean serves(InetSocketAddress configured) {
        var wanted = configured.getAddress();
        // systemd's "ListenStream=6753" is "::", which serves IPv4 too.
        boolean isWider = wanted instanceof Inet4Address
                && wanted.isAnyLocalAddress()
                && address.getAddress() instanceof Inet6Address
                && address.getAddress().isAnyLocalAddress();
        return configured.getPort() == address.getPort() && (isWider || wanted.equals(address.getAddress()));
    }

    String shown() {
        return Values.label(protocol) + " " + AddressText.of(address) + " named " + Printable.quoted(name);
    }
}
