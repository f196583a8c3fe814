package dev.socketforwarder.runtime.service;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system calls of this package, made through the C library. Each returns what the C function returns, or throws. A process
 * that no service manager started never loads this class.
 */
@SuppressWarnings("restricted") // calling the kernel is what this module has native access for
final class SystemCalls {
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOL_SOCKET = 1;
    static final int SO_TYPE = 3;
    static final int SO_ACCEPTCONN = 30;
    static final int SO_SNDTIMEO = 21;

    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int CLOCK_MONOTONIC = 1;
    private static final int LONGEST_ERROR = 256;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final long ERRNO = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    // One method handle serves all functions, since each further shape would cost milliseconds. On the processors that
    // the JDK
    // runs on, integers and pointers use the same registers, and a function ignores registers beyond its own arguments.
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG), Linker.Option.captureCallState("errno"));

    private SystemCalls() {}

    static int socket(int family, int type) throws IOException {
        return call("socket", family, type | SOCK_CLOEXEC, 0, 0, 0, 0);
    }

    static void sendto(int fd, MemorySegment bytes, MemorySegment address, int length) throws IOException {
        call("sendto", fd, bytes.address(), bytes.byteSize(), MSG_NOSIGNAL, address.address(), length);
    }

    static void setsockopt(int fd, int option, MemorySegment value) throws IOException {
        call("setsockopt", fd, SOL_SOCKET, option, value.address(), value.byteSize(), 0);
    }

    /** {@return an option of {@code SOL_SOCKET} that is a number} */
    static int getsockopt(int fd, int option) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var value = arena.allocate(ValueLayout.JAVA_INT);
            var length = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            call("getsockopt", fd, SOL_SOCKET, option, value.address(), length.address(), 0);
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    static void getsockname(int fd, MemorySegment address, MemorySegment length) throws IOException {
        call("getsockname", fd, address.address(), length.address(), 0, 0, 0);
    }

    static void getpeername(int fd, MemorySegment address, MemorySegment length) throws IOException {
        call("getpeername", fd, address.address(), length.address(), 0, 0, 0);
    }

    static int dup(int fd) throws IOException {
        return call("dup", fd, 0, 0, 0, 0, 0);
    }

    /** Make {@code target} refer to what {@code fd} refers to. What {@code target} referred to before is closed. */
    static void dup3(int fd, int target) throws IOException {
        call("dup3", fd, target, O_CLOEXEC, 0, 0, 0);
    }

    static void close(int fd) throws IOException {
        call("close", fd, 0, 0, 0, 0, 0);
    }

    /** {@return the time of the clock that service managers compare, in microseconds} */
    static long monotonicUs() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var time = arena.allocate(LONG, 2);
            call("clock_gettime", CLOCK_MONOTONIC, time.address(), 0, 0, 0, 0);
            return time.getAtIndex(LONG, 0) * 1_000_000 + time.getAtIndex(LONG, 1) / 1_000;
        }
    }

    private static int call(String name, long a, long b, long c, long d, long e, long f) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var state = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) invoke(name, state, a, b, c, d, e, f);
            if (result == -1) {
                throw new IOException(name + ": " + describe(state.get(ValueLayout.JAVA_INT, ERRNO), state));
            }
            return result;
        }
    }

    private static String describe(int errno, MemorySegment state) {
        return MemorySegment.ofAddress(invoke("strerror", state, errno, 0, 0, 0, 0, 0))
                .reinterpret(LONGEST_ERROR)
                .getString(0);
    }

    private static long invoke(String name, MemorySegment state, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) CALL.invokeExact(LINKER.defaultLookup().findOrThrow(name), state, a, b, c, d, e, f);
        } catch (Error error) {
            throw error;
        } catch (Throwable impossible) {
            throw new AssertionError("a system call threw an exception", impossible);
        }
    }
}
