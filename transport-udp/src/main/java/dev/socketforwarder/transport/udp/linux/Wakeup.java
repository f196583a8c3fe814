package dev.socketforwarder.transport.udp.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An eventfd by which any thread can end another thread's wait in poll. Thread-safe. */
final class Wakeup {
    private final Libc libc;
    private final MemorySegment one;
    private final MemorySegment read;
    private final int fd;
    private boolean closed;

    Wakeup(Arena arena) throws IOException {
        // A library object of its own keeps the error number apart from other threads'.
        libc = new Libc(arena);
        one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
        read = arena.allocate(ValueLayout.JAVA_LONG);
        fd = libc.eventfd();
        if (fd < 0) {
            throw new IOException("eventfd: " + libc.error());
        }
    }

    int fd() {
        return fd;
    }

    synchronized void wake() {
        // After the close, the number may belong to another file.
        if (!closed) {
            libc.write(fd, one.address(), Long.BYTES);
        }
    }

    /** Reset all calls of {@link #wake} so far, with the waiting thread's own {@code libc}. */
    void consume(Libc waiting) {
        waiting.read(fd, read.address(), Long.BYTES);
    }

    synchronized void close() {
        closed = true;
        libc.close(fd);
    }
}
