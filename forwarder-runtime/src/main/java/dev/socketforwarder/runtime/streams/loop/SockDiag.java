package dev.socketforwarder.runtime.streams.loop;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Asks Linux about single TCP connections, which are named by their pair of addresses. The question goes through {@code
 * sock_diag} over netlink, which needs no privilege. The kernel answers within microseconds, before the call returns.
 * Used by one thread at a time.
 *
 * <p>The numbers below are those of {@code linux/netlink.h}, {@code linux/inet_diag.h} and {@code linux/tcp.h}, which
 * are the same on every processor.
 */
@SuppressWarnings("restricted") // calling the kernel is what this module has native access for
final class SockDiag implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int NETLINK_SOCK_DIAG = 4;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int EINTR = 4;
    private static final int IPPROTO_TCP = 6;

    private static final short SOCK_DIAG_BY_FAMILY = 20;
    private static final short NLM_F_REQUEST = 1;
    private static final int EVERY_STATE = -1;
    private static final int ANY_COOKIE = -1;
    private static final byte LISTENS = 10; // TCP_LISTEN
    private static final short INFO = 2; // INET_DIAG_INFO

    private static final int HEADER = 16; // struct nlmsghdr
    private static final int SEQUENCE = 8;
    private static final int REQUEST = HEADER + 56; // struct inet_diag_req_v2
    private static final int STATE = HEADER + 1; // from here on within struct inet_diag_msg
    private static final int PORTS = HEADER + 4;
    private static final int RECEIVE_QUEUE = HEADER + 56;
    private static final int SEND_QUEUE = HEADER + 60;
    private static final int ATTRIBUTES = HEADER + 72;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final int BYTES_ACKED = 120; // within struct tcp_info
    private static final int BYTES_RECEIVED = 128;
    private static final int ADDRESS_BYTES = 16;

    private static final int LARGEST_ANSWER = 8_192;
    private static final long LONGEST_WAIT_US = 100_000;
    /**
     * How many messages are received at most for one question. Some answer earlier questions that were given up, and
     * some calls are interrupted.
     */
    private static final int MOST_TRIES = 8;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final long ERRNO = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle SOCKET = function("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle SETSOCKOPT =
            function("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, INT));
    private static final MethodHandle SEND = transfer("send");
    private static final MethodHandle RECV = transfer("recv");
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
    private final MemorySegment message = arena.allocate(LARGEST_ANSWER, Long.BYTES);
    private final ByteBuffer bytes = message.asByteBuffer().order(ByteOrder.nativeOrder());
    private final int fd;
    private int sequence;

    /**
     * Open the netlink socket.
     *
     * @throws IOException if this process may not ask
     */
    SockDiag() throws IOException {
        fd = call(() -> (int) SOCKET.invokeExact(errno, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
        if (fd < 0) {
            var failure = failure("socket");
            arena.close();
            throw failure;
        }
        // This limit is never needed, unless a kernel does not answer.
        var wait = arena.allocateFrom(LONG, 0, LONGEST_WAIT_US);
        call(() -> (int) SETSOCKOPT.invokeExact(errno, fd, SOL_SOCKET, SO_RCVTIMEO, wait, (int) wait.byteSize()));
    }

    private static MethodHandle function(String name, FunctionDescriptor shape) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), shape, CAPTURE);
    }

    private static MethodHandle transfer(String name) {
        return function(name, FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG, INT));
    }

    /**
     * {@return how far the peer of this connection is; empty if there is no such connection}
     *
     * @throws IOException if the kernel does not tell
     */
    Optional<PeerProgress> progress(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        if (!ask(local, remote)) {
            return Optional.empty();
        }
        int info = info(BYTES_ACKED);
        if (info < 0) {
            throw new IOException("the kernel does not count acknowledged bytes");
        }
        long acknowledged = bytes.getLong(info + BYTES_ACKED);
        long unacknowledged = Integer.toUnsignedLong(bytes.getInt(SEND_QUEUE));
        return Optional.of(new PeerProgress(acknowledged, readBy(remote, local), unacknowledged));
    }

    /** {@return how many bytes the program behind this socket has read, if the socket is on this machine; else 0} */
    private long readBy(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        if (!ask(local, remote)) {
            return 0;
        }
        int info = info(BYTES_RECEIVED);
        long unread = Integer.toUnsignedLong(bytes.getInt(RECEIVE_QUEUE));
        return info < 0 ? 0 : Math.max(0, bytes.getLong(info + BYTES_RECEIVED) - unread);
    }

    /** {@return whether there is such a connection, which {@link #bytes} then describes} */
    private boolean ask(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        sequence++;
        putRequest(local, remote);
        long sent = call(() -> (long) SEND.invokeExact(errno, fd, message, (long) REQUEST, 0));
        if (sent < 0) {
            throw failure("send");
        }
        for (int i = 0; i < MOST_TRIES; i++) {
            long received = call(() -> (long) RECV.invokeExact(errno, fd, message, message.byteSize(), 0));
            if (received < 0 && errno() != EINTR) {
                throw failure("recv");
            }
            if (received >= HEADER && bytes.getInt(SEQUENCE) == sequence) {
                bytes.limit((int) received);
                return isOf(local, remote);
            }
        }
        throw new IOException("the kernel does not answer");
    }

    private void putRequest(InetSocketAddress local, InetSocketAddress remote) {
        boolean isLong = local.getAddress() instanceof Inet6Address || remote.getAddress() instanceof Inet6Address;
        bytes.clear();
        bytes.putInt(REQUEST).putShort(SOCK_DIAG_BY_FAMILY).putShort(NLM_F_REQUEST);
        bytes.putInt(sequence).putInt(0);
        bytes.put((byte) (isLong ? AF_INET6 : AF_INET)).put((byte) IPPROTO_TCP);
        bytes.put((byte) (1 << (INFO - 1))).put((byte) 0).putInt(EVERY_STATE);
        putPort(local);
        putPort(remote);
        putAddress(local);
        putAddress(remote);
        // A socket with a link-local address is bound to the interface of that address.
        bytes.putInt(local.getAddress() instanceof Inet6Address scoped ? scoped.getScopeId() : 0);
        bytes.putInt(ANY_COOKIE).putInt(ANY_COOKIE);
    }

    private void putPort(InetSocketAddress address) {
        bytes.put((byte) (address.getPort() >> 8)).put((byte) address.getPort());
    }

    private void putAddress(InetSocketAddress address) {
        int start = bytes.position();
        bytes.put(address.getAddress().getAddress());
        while (bytes.position() < start + ADDRESS_BYTES) {
            bytes.put((byte) 0);
        }
    }

    /**
     * {@return whether the answer is about this connection} If the connection does not exist, the kernel describes the
     * socket that listens there, or answers with an error.
     */
    private boolean isOf(InetSocketAddress local, InetSocketAddress remote) {
        return bytes.getShort(Integer.BYTES) == SOCK_DIAG_BY_FAMILY
                && bytes.limit() >= ATTRIBUTES
                && bytes.get(STATE) != LISTENS
                && port(PORTS) == local.getPort()
                && port(PORTS + Short.BYTES) == remote.getPort();
    }

    private int port(int at) {
        return (bytes.get(at) & 0xff) << 8 | bytes.get(at + 1) & 0xff;
    }

    /**
     * {@return where the connection's tcp_info begins; -1 if tcp_info is too short to contain this field of 64 bits}
     */
    private int info(int field) {
        int at = ATTRIBUTES;
        while (at + ATTRIBUTE_HEADER <= bytes.limit()) {
            int length = Short.toUnsignedInt(bytes.getShort(at));
            if (length < ATTRIBUTE_HEADER || at + length > bytes.limit()) {
                return -1;
            }
            if (bytes.getShort(at + Short.BYTES) == INFO) {
                return length >= ATTRIBUTE_HEADER + field + Long.BYTES ? at + ATTRIBUTE_HEADER : -1;
            }
            at += (length + 3) & ~3;
        }
        return -1;
    }

    private int errno() {
        return errno.get(INT, ERRNO);
    }

    private IOException failure(String call) {
        return new IOException(call + ": error " + errno());
    }

    /** A system call. */
    @FunctionalInterface
    private interface Call<T> {
        T make() throws Throwable;
    }

    private static <T> T call(Call<T> call) {
        try {
            return call.make();
        } catch (Error error) {
            throw error;
        } catch (Throwable impossible) {
            throw new AssertionError("a system call threw an exception", impossible);
        }
    }

    @Override
    public void close() {
        call(() -> (int) CLOSE.invokeExact(errno, fd));
        arena.close();
    }
}
