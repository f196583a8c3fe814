package dev.socketforwarder.transport.udp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system calls of the native path, made through the C library. Pointers are passed as numbers, and the caller keeps
 * the memory alive. A failed call returns -1, and {@link #errno} tells why. Confined to one thread.
 *
 * <p>Capturing errno allocates at every call, failed or not. So calls are first made without it, and a failed call is
 * repeated once to learn its error. The first call has mostly cleared an error that was pending at a socket, so the
 * second call succeeds.
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
    static final int EADDRINUSE = 98;
    static final int ENOBUFS = 105;
    static final int ECONNREFUSED = 111;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final long ERRNO = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    // One method handle serves all functions, since each further shape would cost milliseconds at the start. On the
    // supported processors (see NativeProbe) integers and pointers use the same registers; the upper half is ignored
    // for an int, and so are registers beyond a function's own arguments.
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

    // The kernel's error numbers are below this.
    private final String[] described = new String[256];
    private final MemorySegment state;

    /** Make an object that keeps its error number in memory of {@code arena}. */
    Libc(Arena arena) {
        this.state = arena.allocate(Linker.Option.captureStateLayout());
    }

    private static MemorySegment function(String name) {
        return LINKER.defaultLookup().findOrThrow(name);
    }

    /** {@return the result of a function that returns an int; of its second call if the first failed} */
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

    /** {@return the result of the function, without learning its error} */
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

    /** {@return the system's text for the last error} */
    String error() {
        return describe(errno());
    }

    @Override
    public String describe(int errno) {
        if (errno < 0 || errno >= described.length) {
            return "error " + errno;
        }
        if (described[errno] == null) {
            // A (char *) is never -1.
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

    /** Receive from the error queue instead; -1 without {@link #errno} if the queue is empty. */
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

    /** Read without learning an error. */
    long read(int fd, long buffer, long length) {
        return callOnce(READ, fd, buffer, length, 0, 0);
    }

    /** Write without learning an error. */
    long write(int fd, long buffer, long length) {
        return callOnce(WRITE, fd, buffer, length, 0, 0);
    }

    /** Close without learning an error. Must not be called twice: by then the number may belong to another file. */
    int close(int fd) {
        return (int) callOnce(CLOSE, fd, 0, 0, 0, 0);
    }
}
