package dev.socketforwarder.transport.udp.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An eventfd: what any thread may use to end another's wait in poll. Thread-safe. */
final class Wakeup {
    private final Libc libc;
    private final MemorySegment one;
    private final MemorySegment read;
    private final int fd;
    private boolean closed;

    Wakeup(Arena arena) throws IOException {
        // Its own, since it keeps its error number where other threads would keep theirs.
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
        // After the close, the number may be another file's.
        if (!closed) {
            libc.write(fd, one.address(), Long.BYTES);
        }
    }

    /** Forget all calls of {@link #wake} so far, by the waiting thread's own {@code libc}. */
    void consume(Libc waiting) {
        waiting.read(fd, read.address(), Long.BYTES);
    }

    synchronized void close() {
        closed = true;
        libc.close(fd);
    }
}
