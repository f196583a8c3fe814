package dev.socketforwarder.transport.udp.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;

/** Caches the addresses of recent senders, so that decoding them allocates nothing. Confined to one thread. */
final class AddressCache {
    private static final int BITS = 10;
    private static final int WORDS = NativeAddress.ROOM / Long.BYTES;

    private final long[] keys = new long[WORDS << BITS];
    private final InetSocketAddress[] known = new InetSocketAddress[1 << BITS];

    /** {@return the address at {@code at}; the same object for the same address if possible} */
    InetSocketAddress decode(MemorySegment from, long at) {
        long a = from.get(ValueLayout.JAVA_LONG, at);
        long b = 0;
        long c = 0;
        long d = 0;
        // An IPv4 address fits into the first word.
        if ((short) a == Libc.AF_INET6) {
            b = from.get(ValueLayout.JAVA_LONG, at + Long.BYTES);
            c = from.get(ValueLayout.JAVA_LONG, at + 2 * Long.BYTES);
            d = from.get(ValueLayout.JAVA_INT, at + 3 * Long.BYTES);
        }
        int slot = slot(a, b, c, d);
        int k = WORDS * slot;
        if (known[slot] == null || keys[k] != a || keys[k + 1] != b || keys[k + 2] != c || keys[k + 3] != d) {
            known[slot] = NativeAddress.decode(from, at);
            keys[k] = a;
            keys[k + 1] = b;
            keys[k + 2] = c;
            keys[k + 3] = d;
        }
        return known[slot];
    }

    private static int slot(long a, long b, long c, long d) {
        // Multiplying by the golden ratio spreads neighbouring values.
        return (int) ((a ^ b * 31 ^ c * 1013 ^ d) * 0x9E3779B97F4A7C15L >>> Long.SIZE - BITS);
    }
}
