package dev.socketforwarder.runtime.service;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Reads the addresses of descriptors: struct sockaddr_in and struct sockaddr_in6. */
final class SocketAddresses {
    private static final int ROOM = 128; // struct sockaddr_storage
    private static final int PORT = 2;
    private static final int ADDRESS_4 = 4;
    private static final int ADDRESS_6 = 8;
    private static final int SCOPE = 24;

    private SocketAddresses() {}

    /** A call that writes an address, and its length. */
    @FunctionalInterface
    private interface Call {
        void make(int fd, MemorySegment address, MemorySegment length) throws IOException;
    }

    /**
     * {@return the IP address that a socket is bound to; empty if the socket is of another family}
     *
     * @throws IOException if the descriptor is no socket
     */
    static Optional<InetSocketAddress> local(int fd) throws IOException {
        return read(fd, SystemCalls::getsockname);
    }

    /** {@return whether the socket is connected to a peer} */
    static boolean isConnected(int fd) {
        try {
            read(fd, SystemCalls::getpeername);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static Optional<InetSocketAddress> read(int fd, Call call) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var address = arena.allocate(ROOM, Long.BYTES);
            var length = arena.allocateFrom(ValueLayout.JAVA_INT, ROOM);
            call.make(fd, address, length);
            int port = (address.get(ValueLayout.JAVA_BYTE, PORT) & 0xff) << 8
                    | address.get(ValueLayout.JAVA_BYTE, PORT + 1) & 0xff;
            return switch (address.get(ValueLayout.JAVA_SHORT, 0)) {
                case SystemCalls.AF_INET ->
                    Optional.of(new InetSocketAddress(InetAddress.getByAddress(bytes(address, ADDRESS_4, 4)), port));
                case SystemCalls.AF_INET6 -> Optional.of(new InetSocketAddress(six(address), port));
                default -> Optional.empty();
            };
        }
    }

    private static InetAddress six(MemorySegment address) throws IOException {
        var bytes = bytes(address, ADDRESS_6, 16);
        int scope = address.get(ValueLayout.JAVA_INT, SCOPE);
        return scope == 0 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, scope);
    }

    private static byte[] bytes(MemorySegment from, long at, int length) {
        return from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
