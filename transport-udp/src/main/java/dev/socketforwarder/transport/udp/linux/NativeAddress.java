package dev.socketforwarder.transport.udp.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Encodes and decodes socket addresses: struct sockaddr_in and struct sockaddr_in6. */
final class NativeAddress {
    /** Room for either, in whole longs. */
    static final int ROOM = 32;

    private static final long FAMILY = CStructs.offset(CStructs.SOCKADDR_IN, "sin_family");
    private static final long PORT = CStructs.offset(CStructs.SOCKADDR_IN, "sin_port");
    private static final long ADDRESS_4 = CStructs.offset(CStructs.SOCKADDR_IN, "sin_addr");
    private static final long ADDRESS_6 = CStructs.offset(CStructs.SOCKADDR_IN6, "sin6_addr");
    private static final long SCOPE = CStructs.offset(CStructs.SOCKADDR_IN6, "sin6_scope_id");

    private NativeAddress() {}

    /** {@return the length of an address of this family} */
    static int length(boolean six) {
        return (int) (six ? CStructs.SOCKADDR_IN6 : CStructs.SOCKADDR_IN).byteSize();
    }

    /** {@return the address for a socket of this family; IPv4 is mapped for IPv6} */
    static long[] encode(InetSocketAddress address, boolean six) {
        var words = new long[ROOM / Long.BYTES];
        var memory = MemorySegment.ofArray(words);
        memory.set(ValueLayout.JAVA_SHORT, FAMILY, (short) (six ? Libc.AF_INET6 : Libc.AF_INET));
        // Network byte order.
        memory.set(ValueLayout.JAVA_BYTE, PORT, (byte) (address.getPort() >> 8));
        memory.set(ValueLayout.JAVA_BYTE, PORT + 1, (byte) address.getPort());
        if (six) {
            write16(address.getAddress(), memory, ADDRESS_6);
            if (address.getAddress() instanceof Inet6Address scoped) {
                memory.set(ValueLayout.JAVA_INT, SCOPE, scoped.getScopeId());
            }
        } else {
            MemorySegment.copy(address.getAddress().getAddress(), 0, memory, ValueLayout.JAVA_BYTE, ADDRESS_4, 4);
        }
        return words;
    }

    /** Write the 16 bytes of an IPv6 address, or of a mapped IPv4 address (RFC 4291, 2.5.5.2), over zeros. */
    static void write16(InetAddress address, MemorySegment to, long at) {
        var bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            to.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 10, (short) 0xffff);
        }
        MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, at + 16 - bytes.length, bytes.length);
    }

    /** {@return the address at {@code at}} */
    static InetSocketAddress decode(MemorySegment from, long at) {
        boolean six = from.get(ValueLayout.JAVA_SHORT, at + FAMILY) == Libc.AF_INET6;
        int port = (from.get(ValueLayout.JAVA_BYTE, at + PORT) & 0xff) << 8
                | from.get(ValueLayout.JAVA_BYTE, at + PORT + 1) & 0xff;
        var address = six
                ? decode16(from, at + ADDRESS_6, from.get(ValueLayout.JAVA_INT, at + SCOPE))
                : decode(from, at + ADDRESS_4, 4, 0);
        return new InetSocketAddress(address, port);
    }

    /** {@return the IPv6 address of 16 bytes, or the IPv4 address mapped in them} */
    static InetAddress decode16(MemorySegment from, long at, int scope) {
        return decode(from, at, 16, scope);
    }

    /** {@return the IPv4 address of 4 bytes} */
    static InetAddress decode4(MemorySegment from, long at) {
        return decode(from, at, 4, 0);
    }

    private static InetAddress decode(MemorySegment from, long at, int length, int scope) {
        var ip = new byte[length];
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, ip, 0, length);
        try {
            return scope == 0 ? InetAddress.getByAddress(ip) : Inet6Address.getByAddress(null, ip, scope);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }
}
