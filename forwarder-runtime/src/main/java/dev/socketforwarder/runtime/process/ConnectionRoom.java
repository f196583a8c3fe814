package dev.socketforwarder.runtime.process;

import java.util.OptionalInt;

/**
 * How many connections this process has room for: descriptors, and heap for each one that does nothing.
 *
 * @param descriptors the limit of open files; empty: unknown
 * @param heap the most heap, in bytes
 * @param tls whether they may be TLS connections
 */
public record ConnectionRoom(OptionalInt descriptors, long heap, boolean tls) {
    /** Where fewer than this fit by default, a warning says why. */
    public static final int FEW = 10_000;

    /** With fewer than this nothing runs by default. */
    public static final int LEAST = 16;

    private static final int UNKNOWN = 10_000;
    private static final int SMALLEST_RESERVE = 64;
    private static final int LARGEST_RESERVE = 1_024;
    /** For the program itself, and for what is garbage until the next collection. */
    private static final long HEAP_RESERVE = 12 << 20;
    /** A member alone in its group, whose id is as long as it may be, takes 2.8 KB. */
    private static final long PLAIN = 4 << 10;
    /** A member takes 7.9 KB, and one in the middle of its TLS handshake 13.4 KB. */
    private static final long TLS = 16 << 10;

    /** {@return that of this process} */
    public static ConnectionRoom ofProcess(boolean tls) {
        return new ConnectionRoom(Descriptors.limit(), Runtime.getRuntime().maxMemory(), tls);
    }

    /**
     * {@return how many the descriptors suffice for, with a reserve for all else: the Java runtime's files, listeners, selectors,
     * and the connections that are accepted only to be closed}
     */
    int byDescriptors() {
        if (descriptors.isEmpty()) {
            return UNKNOWN;
        }
        int most = descriptors.getAsInt();
        return Math.max(0, most - Math.clamp(most / 8, SMALLEST_RESERVE, LARGEST_RESERVE));
    }

    /** {@return how many the heap suffices for} */
    int byHeap() {
        return Math.clamp((heap - HEAP_RESERVE) / (tls ? TLS : PLAIN), 0, Integer.MAX_VALUE);
    }

    /** {@return how many there is room for} */
    public int most() {
        return Math.min(byDescriptors(), byHeap());
    }

    /** {@return what bounds them} */
    public String bound() {
        return byHeap() < byDescriptors()
                ? "a heap of " + (heap >> 20) + " MiB (raise -Xmx, or the memory of the container)"
                : "ulimit -n, which is " + (descriptors.isPresent() ? descriptors.getAsInt() : "unknown")
                        + " (raise it; systemd: LimitNOFILE=, Docker: --ulimit nofile=)";
    }
}
