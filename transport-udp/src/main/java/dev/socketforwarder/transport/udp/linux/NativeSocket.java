package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.kit.BindFailure;
import dev.socketforwarder.transport.udp.io.GroupSocket;
import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Link;
import dev.socketforwarder.transport.udp.settings.UdpSettings.Buffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/** One bound socket. Used on the endpoint's thread. */
final class NativeSocket implements GroupSocket {
    /** The bytes that {@link #clearError} needs. */
    static final long SCRATCH = NativeAddress.ROOM + 2L * Long.BYTES;

    private static final long RESULT = NativeAddress.ROOM;

    private final Libc libc;
    private final int fd;
    private final boolean six;
    private final boolean wildcard;
    private final InetSocketAddress local;
    private final Buffers granted;
    private long dropped;

    private NativeSocket(Libc libc, int fd, InetSocketAddress address, MemorySegment scratch) throws IOException {
        this.libc = libc;
        this.fd = fd;
        this.six = address.getAddress() instanceof Inet6Address;
        this.wildcard = address.getAddress().isAnyLocalAddress();
        // The kernel may have chosen the port. The address stays as the user wrote it.
        this.local = new InetSocketAddress(
                address.getAddress(), boundTo(libc, fd, scratch).getPort());
        // The kernel reports twice the size, which includes its overhead.
        this.granted = new Buffers(
                option(libc, fd, Libc.SO_RCVBUF, scratch) / 2, option(libc, fd, Libc.SO_SNDBUF, scratch) / 2);
    }

    /**
     * Open and bind a socket.
     *
     * @param shares whether it shares the port with others of this user that share it too
     * @throws BindFailure if the system refuses
     */
    static NativeSocket bind(Libc libc, String endpoint, InetSocketAddress address, Buffers buffers, boolean shares)
            throws IOException {
        try (var arena = Arena.ofConfined()) {
            var scratch = arena.allocate(SCRATCH, Long.BYTES);
            boolean six = address.getAddress() instanceof Inet6Address;
            int fd = libc.socket(
                    six ? Libc.AF_INET6 : Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (fd < 0) {
                var why = libc.errno() == Libc.EAFNOSUPPORT ? "this machine has no IPv6" : libc.error();
                throw new BindFailure(endpoint, address, new IOException(why));
            }
            try {
                setBuffers(libc, fd, buffers, scratch);
                setOptions(libc, fd, address.getAddress(), scratch);
                if (shares) {
                    set(libc, fd, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, 1, scratch);
                }
                var name = NativeAddress.encode(address, six);
                MemorySegment.copy(name, 0, scratch, ValueLayout.JAVA_LONG, 0, name.length);
                if (libc.bind(fd, scratch.address(), NativeAddress.length(six)) < 0) {
                    throw new BindFailure(endpoint, address, new IOException(libc.error()));
                }
                return new NativeSocket(libc, fd, address, scratch);
            } catch (IOException e) {
                libc.close(fd);
                throw e;
            }
        }
    }

    /** Use another descriptor of a socket that is bound already. */
    static NativeSocket adopt(Libc libc, InheritedSocket inherited, Buffers buffers) throws IOException {
        int fd = inherited.duplicate();
        try (var arena = Arena.ofConfined()) {
            var scratch = arena.allocate(SCRATCH, Long.BYTES);
            var address = inherited.address().getAddress();
            setOptions(libc, fd, address, scratch);
            enlarge(libc, fd, address instanceof Inet6Address, buffers, scratch);
            return new NativeSocket(libc, fd, inherited.address(), scratch);
        } catch (IOException e) {
            libc.close(fd);
            throw e;
        }
    }

    /**
     * Enlarge the buffers, and never make them smaller: whoever opened the socket may have been granted more than this
     * process would be.
     */
    private static void enlarge(Libc libc, int fd, boolean six, Buffers buffers, MemorySegment scratch) {
        int trial = libc.socket(six ? Libc.AF_INET6 : Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC);
        setBuffers(libc, trial, buffers, scratch);
        if (option(libc, trial, Libc.SO_RCVBUF, scratch) > option(libc, fd, Libc.SO_RCVBUF, scratch)) {
            set(libc, fd, Libc.SOL_SOCKET, Libc.SO_RCVBUF, buffers.receive(), scratch);
        }
        if (option(libc, trial, Libc.SO_SNDBUF, scratch) > option(libc, fd, Libc.SO_SNDBUF, scratch)) {
            set(libc, fd, Libc.SOL_SOCKET, Libc.SO_SNDBUF, buffers.send(), scratch);
        }
        libc.close(trial);
    }

    private static void setBuffers(Libc libc, int fd, Buffers buffers, MemorySegment scratch) {
        set(libc, fd, Libc.SOL_SOCKET, Libc.SO_RCVBUF, buffers.receive(), scratch);
        set(libc, fd, Libc.SOL_SOCKET, Libc.SO_SNDBUF, buffers.send(), scratch);
    }

    private static void setOptions(Libc libc, int fd, InetAddress address, MemorySegment scratch) {
        boolean six = address instanceof Inet6Address;
        // The socket works without any of these. Buffer sizes are requests, and an IPv6 socket without IPv4 still
        // serves IPv6.
        set(libc, fd, Libc.SOL_SOCKET, Libc.SO_RXQ_OVFL, 1, scratch);
        set(libc, fd, Libc.IPPROTO_IP, Libc.IP_RECVERR, 1, scratch);
        set(libc, fd, Libc.IPPROTO_IP, Libc.IP_RECVTTL, 1, scratch);
        set(libc, fd, Libc.IPPROTO_IP, Libc.IP_TTL, Hops.START, scratch);
        // Groups joined by other processes do not concern this one, and its own datagrams might come back from them.
        set(libc, fd, Libc.IPPROTO_IP, Libc.IP_MULTICAST_ALL, 0, scratch);
        if (six) {
            set(libc, fd, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, 0, scratch);
            set(libc, fd, Libc.IPPROTO_IPV6, Libc.IPV6_RECVERR, 1, scratch);
            set(libc, fd, Libc.IPPROTO_IPV6, Libc.IPV6_RECVHOPLIMIT, 1, scratch);
            set(libc, fd, Libc.IPPROTO_IPV6, Libc.IPV6_UNICAST_HOPS, Hops.START, scratch);
            set(libc, fd, Libc.IPPROTO_IPV6, Libc.IPV6_MULTICAST_ALL, 0, scratch);
        }
        if (address.isAnyLocalAddress()) {
            set(
                    libc,
                    fd,
                    six ? Libc.IPPROTO_IPV6 : Libc.IPPROTO_IP,
                    six ? Libc.IPV6_RECVPKTINFO : Libc.IP_PKTINFO,
                    1,
                    scratch);
        }
    }

    private static void set(Libc libc, int fd, int level, int option, int value, MemorySegment scratch) {
        scratch.set(ValueLayout.JAVA_INT, RESULT, value);
        libc.setsockopt(fd, level, option, scratch.address() + RESULT, Integer.BYTES);
    }

    private static int option(Libc libc, int fd, int option, MemorySegment scratch) {
        scratch.set(ValueLayout.JAVA_INT, RESULT, 0);
        scratch.set(ValueLayout.JAVA_INT, RESULT + Long.BYTES, Integer.BYTES);
        long at = scratch.address() + RESULT;
        libc.getsockopt(fd, Libc.SOL_SOCKET, option, at, at + Long.BYTES);
        return scratch.get(ValueLayout.JAVA_INT, RESULT);
    }

    private static InetSocketAddress boundTo(Libc libc, int fd, MemorySegment scratch) throws IOException {
        scratch.set(ValueLayout.JAVA_INT, RESULT, NativeAddress.ROOM);
        if (libc.getsockname(fd, scratch.address(), scratch.address() + RESULT) < 0) {
            throw new IOException("getsockname: " + libc.error());
        }
        return NativeAddress.decode(scratch, 0);
    }

    int fd() {
        return fd;
    }

    /** {@return whether the socket's addresses are IPv6, with IPv4 mapped} */
    boolean isSix() {
        return six;
    }

    /** {@return whether the socket is bound to the wildcard, so that each datagram tells the address it arrived at} */
    boolean isWildcard() {
        return wildcard;
    }

    InetSocketAddress local() {
        return local;
    }

    /** {@return the buffer sizes that the kernel granted} */
    Buffers granted() {
        return granted;
    }

    /** {@return how many datagrams the kernel dropped since the last call, given the {@code total} that it reports} */
    long newlyDropped(long total) {
        // The kernel counts in 32 bits.
        long more = total - dropped & 0xffff_ffffL;
        dropped = total;
        return more;
    }

    @Override
    public InetAddress bound() {
        return local.getAddress();
    }

    @Override
    public void join(InetAddress group, Link through) throws IOException {
        // A socket of the service manager may have joined already, in an earlier process.
        if (request(Libc.MCAST_JOIN_GROUP, group, through) < 0 && libc.errno() != Libc.EADDRINUSE) {
            throw new IOException(libc.error());
        }
    }

    @Override
    public void leave(InetAddress group, Link through) {
        // A socket has few places for groups, and each stays taken until it leaves, even if the interface is gone.
        request(Libc.MCAST_LEAVE_GROUP, group, through);
    }

    private int request(int option, InetAddress group, Link through) {
        try (var arena = Arena.ofConfined()) {
            var request = arena.allocate(CStructs.GROUP_REQ);
            request.set(ValueLayout.JAVA_INT, CStructs.offset(CStructs.GROUP_REQ, "gr_interface"), through.index());
            var name = NativeAddress.encode(new InetSocketAddress(group, 0), six);
            long at = CStructs.offset(CStructs.GROUP_REQ, "gr_group");
            MemorySegment.copy(name, 0, request, ValueLayout.JAVA_LONG, at, name.length);
            int level = six ? Libc.IPPROTO_IPV6 : Libc.IPPROTO_IP;
            return libc.setsockopt(fd, level, option, request.address(), (int) request.byteSize());
        }
    }

    @Override
    public void sendToGroups(Optional<Link> through, int ttl) throws IOException {
        // 0 lets the route decide.
        int index = through.map(Link::index).orElse(0);
        try (var arena = Arena.ofConfined()) {
            var number = arena.allocateFrom(ValueLayout.JAVA_INT, ttl);
            if (six) {
                setOrThrow(Libc.IPPROTO_IPV6, Libc.IPV6_MULTICAST_HOPS, number);
                setOrThrow(Libc.IPPROTO_IPV6, Libc.IPV6_MULTICAST_IF, arena.allocateFrom(ValueLayout.JAVA_INT, index));
            } else {
                setOrThrow(Libc.IPPROTO_IP, Libc.IP_MULTICAST_TTL, number);
                var request = arena.allocate(CStructs.IP_MREQN);
                request.set(ValueLayout.JAVA_INT, CStructs.offset(CStructs.IP_MREQN, "imr_ifindex"), index);
                setOrThrow(Libc.IPPROTO_IP, Libc.IP_MULTICAST_IF, request);
            }
        }
    }

    private void setOrThrow(int level, int option, MemorySegment value) throws IOException {
        if (libc.setsockopt(fd, level, option, value.address(), (int) value.byteSize()) < 0) {
            throw new IOException(libc.error());
        }
    }

    /** Let other sockets of this user bind the same address from now on, if they share it too. */
    void share(MemorySegment scratch) {
        set(libc, fd, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, 1, scratch);
    }

    /** Clear the error that the next call would fail with. */
    void clearError(MemorySegment scratch) {
        option(libc, fd, Libc.SO_ERROR, scratch);
    }

    void close() {
        libc.close(fd);
    }
}
