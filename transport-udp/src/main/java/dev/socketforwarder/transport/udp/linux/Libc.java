package dev.socketforwarder.transport.udp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system calls of the native path, by the C library. Pointers are passed as numbers: the caller keeps the memory alive.
 * What fails returns -1, and then {@link #errno} tells why. One thread's.
 *
 * <p>To hear of an error number Java allocates at each call, failed or not. So calls are made without, and one that fails is
 * made once more to hear why. An error that was pending at a socket is gone by then, mostly, and the second call works.
 */
@SuppressWarnings("restricted") // calling the kernel is what this module has native access for
final class Libc implements SendCalls {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int EFD_NONBLOCK = 0x800;
    static final int EFD_CLOEXEC = 0x80000;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_ERRQUEUE = 0x2000;
    static final int MSG_NOSIGNAL = 0x4000;
    static final short POLLIN = 1;
    static final short POLLOUT = 4;
    static final short POLLERR = 8;

    static final int SOL_SOCKET = 1;
    static final int SO_ERROR = 4;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_REUSEPORT = 15;
    static final int SO_RXQ_OVFL = 40;
    static final int IPPROTO_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int IPPROTO_IP = 0;
    static final int IP_TTL = 2;
    static final int IP_PKTINFO = 8;
    static final int IP_RECVERR = 11;
    static final int IP_RECVTTL = 12;
    static final int IP_MULTICAST_IF = 32;
    static final int IP_MULTICAST_TTL = 33;
    static final int MCAST_JOIN_GROUP = 42;
    static final int MCAST_LEAVE_GROUP = 45;
    static final int IP_MULTICAST_ALL = 49;
    static final int IPPROTO_IPV6 = 41;
    static final int IPV6_UNICAST_HOPS = 16;
    static final int IPV6_MULTICAST_IF = 17;
    static final int IPV6_MULTICAST_HOPS = 18;
    static final int IPV6_RECVERR = 25;
    static final int IPV6_V6ONLY = 26;
    static final int IPV6_MULTICAST_ALL = 29;
    static final int IPV6_RECVPKTINFO = 49;
    static final int IPV6_PKTINFO = 50;
    static final int IPV6_RECVHOPLIMIT = 51;
    static final int IPV6_HOPLIMIT = 52;
    static final byte SO_EE_ORIGIN_LOCAL = 1;

    static final int EPERM = 1;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int EINVAL = 22;
    static final int EMSGSIZE = 90;
    static final int EOPNOTSUPP = 95;
    static final int EAFNOSUPPORT = 97;
    static final int ENOBUFS = 105;
    static final int ECONNREFUSED = 111;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final long ERRNO = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    // One handle for all functions: each shape of its own would cost milliseconds at the start. On the processors that
    // the path is used on (see NativeProbe), integers and pointers go in the same registers, whose upper half does not
    // count for an int; registers beyond a function's own arguments are not looked at.
    private static final FunctionDescriptor SHAPE = FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG);
    private static final MethodHandle CALL = LINKER.downcallHandle(SHAPE);

    /** Made when the first call fails. */
    private static final class Telling {
        static final MethodHandle CALL = LINKER.downcallHandle(SHAPE, Linker.Option.captureCallState("errno"));

        private Telling() {}
    }

    private static final MemorySegment SOCKET = function("socket");
    private static final MemorySegment BIND = function("bind");
    private static final MemorySegment GETSOCKNAME = function("getsockname");
    private static final MemorySegment SETSOCKOPT = function("setsockopt");
    private static final MemorySegment GETSOCKOPT = function("getsockopt");
    private static final MemorySegment RECVMMSG = function("recvmmsg");
    private static final MemorySegment SENDMMSG = function("sendmmsg");
    private static final MemorySegment POLL = function("poll");
    private static final MemorySegment EVENTFD = function("eventfd");
    private static final MemorySegment READ = function("read");
    private static final MemorySegment WRITE = function("write");
    private static final MemorySegment CLOSE = function("close");
    private static final MemorySegment STRERROR = function("strerror");
    private static final int LONGEST_MESSAGE = 256;

    // The kernel's own numbers are smaller.
    private final String[] described = new String[256];
    private final MemorySegment state;

    /** Make one that keeps its error number in memory of {@code arena}. */
    Libc(Arena arena) {
        this.state = arena.allocate(Linker.Option.captureStateLayout());
    }

    private static MemorySegment function(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }

    /** {@return what the function, one that returns an int, returned; at its second call if the first failed} */
    private int call(MemorySegment function, long a, long b, long c, long d, long e) {
        int result = (int) callOnce(function, a, b, c, d, e);
        if (result != -1) {
            return result;
        }
        try {
            return (int) (long) Telling.CALL.invokeExact(function, state, a, b, c, d, e);
        } catch (Error error) {
            throw error;
        } catch (Throwable impossible) {
            throw new AssertionError("a system call throws nothing", impossible);
        }
    }

    /** {@return what the function returned; if it failed, nobody hears why} */
    private static long callOnce(MemorySegment function, long a, long b, long c, long d, long e) {
        try {
            return (long) CALL.invokeExact(function, a, b, c, d, e);
        } catch (Error error) {
            throw error;
        } catch (Throwable impossible) {
            throw new AssertionError("a system call throws nothing", impossible);
        }
    }

    @Override
    public int errno() {
        return state.get(ValueLayout.JAVA_INT, ERRNO);
    }

    /** {@return the last error as the system says it} */
    String error() {
        return describe(errno());
    }

    @Override
    public String describe(int errno) {
        if (errno < 0 || errno >= described.length) {
            return "error " + errno;
        }
        if (described[errno] == null) {
            // (char *) is never -1.
            described[errno] = MemorySegment.ofAddress(callOnce(STRERROR, errno, 0, 0, 0, 0))
                    .reinterpret(LONGEST_MESSAGE)
                    .getString(0);
        }
        return described[errno];
    }

    int socket(int domain, int type) {
        return call(SOCKET, domain, type, 0, 0, 0);
    }

    int bind(int fd, long address, int length) {
        return call(BIND, fd, address, length, 0, 0);
    }

    int getsockname(int fd, long address, long length) {
        return call(GETSOCKNAME, fd, address, length, 0, 0);
    }

    int setsockopt(int fd, int level, int option, long value, int length) {
        return call(SETSOCKOPT, fd, level, option, value, length);
    }

    int getsockopt(int fd, int level, int option, long value, long length) {
        return call(GETSOCKOPT, fd, level, option, value, length);
    }

    int recvmmsg(int fd, long headers, int count) {
        return call(RECVMMSG, fd, headers, count, MSG_DONTWAIT, 0);
    }

    /** Take out errors instead of datagrams; where there are none, -1 that {@link #errno} tells nothing of. */
    int recvErrors(int fd, long headers, int count) {
        return (int) callOnce(RECVMMSG, fd, headers, count, MSG_ERRQUEUE | MSG_DONTWAIT, 0);
    }

    @Override
    public int sendmmsg(int fd, long headers, int count) {
        return call(SENDMMSG, fd, headers, count, MSG_DONTWAIT | MSG_NOSIGNAL, 0);
    }

    @Override
    public int poll(long fds, int count, int timeoutMs) {
        return call(POLL, fds, count, timeoutMs, 0, 0);
    }

    int eventfd() {
        return call(EVENTFD, 0, EFD_NONBLOCK | EFD_CLOEXEC, 0, 0, 0);
    }

    /** What becomes of it nobody asks: no {@link #errno}. */
    long read(int fd, long buffer, long length) {
        return callOnce(READ, fd, buffer, length, 0, 0);
    }

    /** As {@link #read}. */
    long write(int fd, long buffer, long length) {
        return callOnce(WRITE, fd, buffer, length, 0, 0);
    }

    /** As {@link #read}; never twice, when the number may be another file's. */
    int close(int fd) {
        return (int) callOnce(CLOSE, fd, 0, 0, 0, 0);
    }
}
