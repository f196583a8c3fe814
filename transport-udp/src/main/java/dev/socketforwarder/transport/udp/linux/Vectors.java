package dev.socketforwarder.transport.udp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An array of struct iovec. Confined to one thread. */
final class Vectors {
    static final long SIZE = CStructs.IOVEC.byteSize();

    private static final long BASE = CStructs.offset(CStructs.IOVEC, "iov_base");
    private static final long LENGTH = CStructs.offset(CStructs.IOVEC, "iov_len");

    private final MemorySegment vectors;
    private final long address;

    Vectors(int count, Arena arena) {
        vectors = arena.allocate(count * SIZE, Long.BYTES);
        address = vectors.address();
    }

    void set(int i, long base, long length) {
        vectors.set(ValueLayout.JAVA_LONG, i * SIZE + BASE, base);
        vectors.set(ValueLayout.JAVA_LONG, i * SIZE + LENGTH, length);
    }

    /** {@return the length of the vector at an {@link #address(int)}} */
    int lengthAt(long vector) {
        return (int) vectors.get(ValueLayout.JAVA_LONG, vector - address + LENGTH);
    }

    /** {@return the address of vector {@code i}, for a system call} */
    long address(int i) {
        return address + i * SIZE;
    }
}
