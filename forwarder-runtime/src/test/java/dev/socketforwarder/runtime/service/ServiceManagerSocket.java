package dev.socketforwarder.runtime.service;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** The socket of a service manager, which receives what a process tells it. */
@SuppressWarnings("restricted") // the JDK has no Unix domain sockets for datagrams
public final class ServiceManagerSocket implements AutoCloseable {
    private static final int SO_RCVTIMEO = 20;
    private static final int LONGEST_WAIT_SECONDS = 10;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle BIND = function("bind");
    private static final MethodHandle RECV = function("recv");

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment buffer = arena.allocate(4_096);
    private final int fd;

    /** Listen at a path, or at a name that begins with {@code @}. */
    public ServiceManagerSocket(String path) throws IOException {
        fd = SystemCalls.socket(SystemCalls.AF_UNIX, SystemCalls.SOCK_DGRAM);
        SystemCalls.setsockopt(fd, SO_RCVTIMEO, arena.allocateFrom(LONG, LONGEST_WAIT_SECONDS, 0));
        var address = arena.allocate(128, Long.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) SystemCalls.AF_UNIX);
        var name = path.getBytes(StandardCharsets.UTF_8);
        if (name[0] == '@') {
            name[0] = 0;
        }
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
        if (call(BIND, fd, address.address(), 2 + name.length + (name[0] == 0 ? 0 : 1), 0) != 0) {
            throw new IOException("cannot bind " + path);
        }
    }

    private static MethodHandle function(String name) {
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG));
    }

    private static long call(MethodHandle function, long a, long b, long c, long d) {
        try {
            return (long) function.invokeExact(a, b, c, d);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** {@return the next message} */
    public String receive() {
        int length = (int) call(RECV, fd, buffer.address(), buffer.byteSize(), 0);
        if (length < 0) {
            throw new AssertionError("no message within " + LONGEST_WAIT_SECONDS + " s");
        }
        return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        SystemCalls.close(fd);
    }
}
