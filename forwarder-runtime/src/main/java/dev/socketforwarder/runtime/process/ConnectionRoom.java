package dev.socketforwarder.runtime.process;

import java.util.OptionalInt;

/**
 * Computes how many connections this process has room for, from its descriptors and from the heap that an idle
 * connection takes.
 *
 * @param descriptors the limit of open files; empty if unknown
 * @param heap the most heap, in bytes
 * @param tls whether connections may use TLS
 */
public record ConnectionRoom(OptionalInt descriptors, long heap, boolean tls) {
    /** The start warns if the default is below this. */
    public static final int FEW = 10_000;

    /** The start fails if the default is below this. */
    public static final int LEAST = 16;

    private static final int UNKNOWN = 10_000;
    private static final int SMALLEST_RESERVE = 64;
    private static final int LARGEST_RESERVE = 1_024;
    /** The heap for the program itself, and for garbage that awaits the next collection. */
    private static final long HEAP_RESERVE = 12 << 20;
    /** A member that is alone in its group, under the longest id, takes 2.8 KB. */
    private static final long PLAIN = 4 << 10;
    /** A member takes 7.9 KB; a connection in the middle of its TLS handshake takes 13.4 KB. */
    private static final long TLS = 16 << 10;

    /** {@return the room of this process} */
    public static ConnectionRoom ofProcess(boolean tls) {
        return new ConnectionRoom(Descriptors.limit(), Runtime.getRuntime().maxMemory(), tls);
    }

    /**
     * {@return how many connections the descriptors allow, after a reserve for everything else: the Java runtime's
     * files, listeners, selectors, and connections that are accepted only to be closed}
     */
    int byDescriptors() {
        if (descriptors.isEmpty()) {
            return UNKNOWN;
        }
        int most = descriptors.getAsInt();
        return Math.max(0, most - Math.clamp(most / 8, SMALLEST_RESERVE, LARGEST_RESERVE));
    }

    /** {@return how many connections the heap allows} */
    int byHeap() {
        return Math.clamp((heap - HEAP_RESERVE) / (tls ? TLS : PLAIN), 0, Integer.MAX_VALUE);
    }

    /** {@return how many connections there is room for} */
    public int most() {
        return Math.min(byDescriptors(), byHeap());
    }

    /** {@return the limit that decides, and how to raise it} */
    public String bound() {
        return byHeap() < byDescriptors()
                ? "a heap of " + (heap >> 20) + " MiB (raise -Xmx, or the memory of the container)"
                : "ulimit -n, which is " + (descriptors.isPresent() ? descriptors.getAsInt() : "unknown")
                        + " (raise it; systemd: LimitNOFILE=, Docker: --ulimit nofile=)";
    }
}
