package dev.socketforwarder.runtime.service;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Sends datagrams to the Unix domain socket of a service manager. The JDK has no Unix domain sockets for datagrams. Thread-safe.
 */
final class NotifySocket implements AutoCloseable {
    /** A service manager that does not read must not hold up a start or a stop. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private static final int PATH = Short.BYTES; // struct sockaddr_un: the family, then the path
    private static final int LONGEST_PATH = 108;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment address = arena.allocate(PATH + LONGEST_PATH, Long.BYTES);
    private final int length;
    private final int fd;

    /**
     * Open a socket.
     *
     * @param path where the service manager listens: an absolute path, or {@code @} and a name of the kernel's abstract namespace
     * @throws IOException if this is no such path, or there is no room for a descriptor
     */
    NotifySocket(String path) throws IOException {
        var name = path.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = path.startsWith("@");
        if (!isAbstract && !path.startsWith("/") || name.length < 2 || name.length >= LONGEST_PATH) {
            throw new IOException("it is neither an absolute path nor an abstract name (@NAME) of at most "
                    + (LONGEST_PATH - 1) + " bytes");
        }
        address.set(ValueLayout.JAVA_SHORT, 0, (short) SystemCalls.AF_UNIX);
        if (isAbstract) {
            name[0] = 0;
        }
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, PATH, name.length);
        // A path ends with a zero byte. An abstract name ends where the address ends.
        length = PATH + name.length + (isAbstract ? 0 : 1);
        fd = SystemCalls.socket(SystemCalls.AF_UNIX, SystemCalls.SOCK_DGRAM);
        var wait = arena.allocateFrom(ValueLayout.JAVA_LONG, LONGEST_WAIT.toSeconds(), 0);
        SystemCalls.setsockopt(fd, SystemCalls.SO_SNDTIMEO, wait);
    }

    void send(String message) throws IOException {
        try (var memory = Arena.ofConfined()) {
            var bytes = memory.allocateFrom(ValueLayout.JAVA_BYTE, message.getBytes(StandardCharsets.UTF_8));
            SystemCalls.sendto(fd, bytes, address, length);
        }
    }

    @Override
    public void close() throws IOException {
        SystemCalls.close(fd);
    }
}
