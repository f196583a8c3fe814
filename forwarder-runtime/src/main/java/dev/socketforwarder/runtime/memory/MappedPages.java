package dev.socketforwarder.runtime.memory;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Buffers in address space that the Linux kernel backs with memory once a buffer is touched, until the buffer is
 * discarded ({@code madvise}). Buffers of one size lie side by side in regions of their own, so mixed sizes leave no
 * useless holes. Address space is used again, and unmapped when the last buffer over it is garbage.
 */
@SuppressWarnings("restricted") // native access serves only to ask the kernel for memory
final class MappedPages implements Pages {
    private static final long REGION_BYTES = 64 << 20;
    /** Up to here each capacity has regions of its own; larger buffers share slots whose sizes are powers of two. */
    private static final int LARGEST_OF_ITS_OWN = QueueMemory.LARGEST_SPARE;

    private static final int PROT_READ_WRITE = 0x3;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x4022;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_NOHUGEPAGE = 15;
    private static final long MAP_FAILED = -1;
    private static final int SC_PAGESIZE = 30;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    /** The functions of the C library, loaded with the first buffer. */
    private static final class Calls {
        static final MethodHandle MMAP = of("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
        static final MethodHandle MUNMAP = of("munmap", FunctionDescriptor.of(INT, LONG, LONG));
        static final MethodHandle SYSCONF = of("sysconf", FunctionDescriptor.of(LONG, INT));
        static final MethodHandle MADVISE = of("madvise", FunctionDescriptor.of(INT, LONG, LONG, INT));

        /** Only the GNU C library has it. */
        static final Optional<MethodHandle> MALLOC_TRIM = find("malloc_trim", FunctionDescriptor.of(INT, LONG));

        private static MethodHandle of(String name, FunctionDescriptor shape) {
            return find(name, shape).orElseThrow();
        }

        private static Optional<MethodHandle> find(String name, FunctionDescriptor shape) {
            var linker = Linker.nativeLinker();
            return linker.defaultLookup().find(name).map(function -> linker.downcallHandle(function, shape));
        }
    }

    /** Slots of one size. */
    private static final class Slots {
        private final ArrayDeque<ByteBuffer> vacant = new ArrayDeque<>();
        private final int size;
        private MemorySegment region = MemorySegment.NULL;
        private long used;

        Slots(int size) {
            this.size = size;
        }

        ByteBuffer take() {
            var slot = vacant.pollLast();
            if (slot != null) {
                return slot;
            }
            if (region.byteSize() - used < size) {
                region = map(Math.max(size, REGION_BYTES / size * size));
                used = 0;
            }
            used += size;
            return region.asSlice(used - size, size).asByteBuffer();
        }
    }

    private final Map<Integer, Slots> slots = new HashMap<>();
    /** The whole slots of buffers that are smaller than their slot. */
    private final Map<ByteBuffer, ByteBuffer> cut = new IdentityHashMap<>();

    /**
     * {@return whether the constants here fit this machine, and its pages are no larger than the smallest buffer, since
     * only whole pages can be discarded}
     */
    static boolean isSupported() {
        var processor = System.getProperty("os.arch");
        return System.getProperty("os.name").equals("Linux")
                && (processor.equals("amd64") || processor.equals("aarch64"))
                && MappedPages.class.getModule().isNativeAccessEnabled()
                && pageSize() == QueueMemory.SMALLEST;
    }

    private static long pageSize() {
        try {
            return (long) Calls.SYSCONF.invokeExact(SC_PAGESIZE);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** A burst of work leaves megabytes of the compiler's freed memory in the C library. */
    @Override
    public void trimHeap() {
        if (Calls.MALLOC_TRIM.isEmpty()) {
            return;
        }
        try {
            int _ = (int) Calls.MALLOC_TRIM.get().invokeExact(0L);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @Override
    public ByteBuffer take(int capacity) {
        var slot = slots.computeIfAbsent(slotSize(capacity), Slots::new).take();
        if (slot.capacity() == capacity) {
            return slot;
        }
        var buffer = slot.slice(0, capacity);
        cut.put(buffer, slot);
        return buffer;
    }

    @Override
    public void discard(ByteBuffer buffer) {
        var slot = cut.remove(buffer);
        if (slot == null) {
            slot = buffer;
        }
        advise(MemorySegment.ofBuffer(slot.clear()), MADV_DONTNEED);
        slots.get(slot.capacity()).vacant.addLast(slot);
    }

    private static int slotSize(int capacity) {
        if (capacity <= LARGEST_OF_ITS_OWN) {
            return capacity;
        }
        // The next power of two would not fit into an int, and no second message of this size fits anywhere either.
        return capacity > 1 << 30 ? capacity : 2 * Integer.highestOneBit(capacity - 1);
    }

    private static MemorySegment map(long bytes) {
        long address;
        try {
            address =
                    (long) Calls.MMAP.invokeExact(0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
        } catch (Throwable e) {
            throw failed(e);
        }
        if (address == MAP_FAILED) {
            throw new OutOfQueueException();
        }
        var region = MemorySegment.ofAddress(address).reinterpret(bytes, Arena.ofAuto(), MappedPages::unmap);
        // Otherwise touching one byte could cost 2 MiB.
        advise(region, MADV_NOHUGEPAGE);
        return region;
    }

    private static void unmap(MemorySegment region) {
        try {
            int _ = (int) Calls.MUNMAP.invokeExact(region.address(), region.byteSize());
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static void advise(MemorySegment segment, int advice) {
        try {
            // A kernel that does not know this advice carries on without it.
            int _ = (int) Calls.MADVISE.invokeExact(segment.address(), segment.byteSize(), advice);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static RuntimeException failed(Throwable e) {
        Fatal.rethrow(e);
        return new IllegalStateException("a call of the C library throws", e);
    }
}
