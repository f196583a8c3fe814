package dev.socketforwarder.runtime.streams.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Holds what is left of TLS records between two turns, in buffers as small as the content allows. A member that is idle
 * or keeps up holds none. All buffers together are bounded: when they run out, the oldest content is dropped, and its
 * connection is closed. Thread-safe.
 */
public final class TlsBuffers {
    /** A little more than the largest record there is: 16 KiB of text, and what a cipher adds to it. */
    static final int RECORD = 17 * 1024;

    private static final int SMALLEST_BITS = 8;
    private static final int SMALLEST = 1 << SMALLEST_BITS;
    private static final int SIZES = 10;
    private static final long MOST_SPARE = 1 << 20;
    private static final long LEAST = 64 * RECORD;
    private static final int PART_OF_HEAP = 8;

    /** The buffers ran out, and what this connection holds was dropped or found no room. */
    public static final class Exhausted extends IOException {
        private static final long serialVersionUID = 1L;

        Exhausted() {
            super("too many unfinished TLS records");
        }
    }

    /** Some bytes that are held for one connection. */
    static final class Held {
        private final Runnable onEvicted;
        private final long sinceNs = System.nanoTime();
        private ByteBuffer bytes = ByteBuffer.allocate(0);
        private int elsewhere;
        private boolean evicted;

        private Held(Runnable onEvicted) {
            this.onEvicted = onEvicted;
        }

        /** {@return the bytes, to be read} For the connection's thread. */
        ByteBuffer bytes() {
            return bytes;
        }

        /** {@return when the first of these bytes came, by {@link System#nanoTime}} */
        long sinceNs() {
            return sinceNs;
        }

        private long size() {
            return bytes.capacity() + (long) elsewhere;
        }
    }

    private final long most;
    private final LinkedHashSet<Held> all = new LinkedHashSet<>(); // the oldest first
    private final List<ArrayDeque<ByteBuffer>> spare = new ArrayList<>(); // one queue for each size
    private long spareBytes;
    private long used;

    TlsBuffers(long most) {
        this.most = most;
        for (int i = 0; i < SIZES; i++) {
            spare.add(new ArrayDeque<>());
        }
    }

    /** {@return the buffers of members, which may take three quarters of an eighth of the heap} */
    public static TlsBuffers ofMembers() {
        return new TlsBuffers(Math.max(LEAST, share() / 4 * 3));
    }

    /** {@return the buffers of connections that have not joined, which may take the other quarter of that eighth} */
    public static TlsBuffers ofStrangers() {
        return new TlsBuffers(Math.max(LEAST, share() / 4));
    }

    private static long share() {
        return Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    }

    /**
     * Hold what remains of {@code content}. The copy is in the heap, since direct memory belongs to the queues.
     *
     * @param elsewhere how many bytes the connection's engine holds besides these
     * @param onEvicted run by any thread when the content is dropped to make room; the content no longer counts then
     */
    synchronized Held hold(ByteBuffer content, int elsewhere, Runnable onEvicted) throws Exhausted {
        var held = new Held(onEvicted);
        fill(held, content, elsewhere);
        all.add(held);
        return held;
    }

    /** Hold what remains of {@code content} in place of the old content. The age stays that of the old content. */
    synchronized void keep(Held held, ByteBuffer content, int elsewhere) throws Exhausted {
        if (held.evicted) {
            throw new Exhausted();
        }
        fill(held, content, elsewhere);
    }

    private void fill(Held held, ByteBuffer content, int elsewhere) throws Exhausted {
        int capacity = Math.max(held.bytes.capacity(), capacity(content.remaining()));
        long more = capacity + (long) elsewhere - held.size();
        makeRoom(more);
        if (held.evicted || used + more > most) {
            throw new Exhausted();
        }
        if (capacity > held.bytes.capacity()) {
            recycle(held.bytes);
            held.bytes = buffer(capacity);
        }
        held.elsewhere = elsewhere;
        used += more;
        held.bytes.clear().put(content).flip();
    }

    private void makeRoom(long bytes) {
        while (used + bytes > most && !all.isEmpty()) {
            var oldest = all.removeFirst();
            oldest.evicted = true;
            used -= oldest.size();
            oldest.onEvicted.run();
        }
    }

    synchronized void release(Held held) {
        if (!held.evicted) {
            all.remove(held);
            used -= held.size();
        }
        recycle(held.bytes);
    }

    private static int capacity(int bytes) {
        return bytes == 0 ? 0 : Math.max(SMALLEST, Integer.highestOneBit(2 * bytes - 1));
    }

    private ArrayDeque<ByteBuffer> spareOf(int capacity) {
        return spare.get(Integer.numberOfTrailingZeros(capacity) - SMALLEST_BITS);
    }

    private ByteBuffer buffer(int capacity) {
        var buffer = spareOf(capacity).poll();
        if (buffer == null) {
            return ByteBuffer.allocate(capacity);
        }
        spareBytes -= capacity;
        return buffer;
    }

    private void recycle(ByteBuffer buffer) {
        int capacity = buffer.capacity();
        if (capacity > 0 && spareBytes + capacity <= MOST_SPARE) {
            spareBytes += capacity;
            spareOf(capacity).push(buffer);
        }
    }

    /** {@return how many bytes are in use} */
    public synchronized long used() {
        return used;
    }
}
