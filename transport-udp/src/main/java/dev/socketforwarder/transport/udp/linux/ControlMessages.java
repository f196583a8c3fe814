package dev.socketforwarder.transport.udp.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/** Reads and writes the control messages that accompany a datagram, each a struct cmsghdr and its payload. */
final class ControlMessages {
    static final long HEADER = CStructs.CMSGHDR.byteSize();

    /** The kernel's alignment of control messages. */
    private static final long ALIGNMENT = Long.BYTES;

    /** The size of a message with a segment size. */
    static final long SEGMENT = space(Short.BYTES);

    /** The size of a message with a hop limit. */
    static final long HOPS = space(Integer.BYTES);

    /** Room for everything sent with a datagram: its source address, segment size and hop limit. */
    static final int ROOM_OUT = (int) (space(CStructs.IN6_PKTINFO.byteSize()) + SEGMENT + HOPS);

    /**
     * Room for everything received with a datagram: the address it arrived at, its hop limit, and the count of drops.
     */
    static final int ROOM_IN = (int) (space(CStructs.IN6_PKTINFO.byteSize()) + HOPS + space(Integer.BYTES));

    private static final long LENGTH = CStructs.offset(CStructs.CMSGHDR, "cmsg_len");
    private static final long LEVEL = CStructs.offset(CStructs.CMSGHDR, "cmsg_level");
    private static final long TYPE = CStructs.offset(CStructs.CMSGHDR, "cmsg_type");
    private static final long SOURCE_4 = CStructs.offset(CStructs.IN_PKTINFO, "ipi_spec_dst");
    private static final long SOURCE_6 = CStructs.offset(CStructs.IN6_PKTINFO, "ipi6_addr");
    private static final long INTERFACE_6 = CStructs.offset(CStructs.IN6_PKTINFO, "ipi6_ifindex");

    private ControlMessages() {}

    /** {@return CMSG_SPACE: the size of a control message with this payload, including padding} */
    static long space(long payload) {
        return HEADER + align(payload);
    }

    private static long align(long size) {
        return size + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /**
     * {@return the first control message of this level and type at or after {@code at}; -1 if there is none}
     *
     * @param end where the kernel stopped writing
     */
    static long find(MemorySegment controls, long at, long end, int level, int type) {
        while (at + HEADER <= end) {
            long length = controls.get(ValueLayout.JAVA_LONG, at + LENGTH);
            if (length < HEADER || at + length > end) {
                return -1;
            }
            if (controls.get(ValueLayout.JAVA_INT, at + LEVEL) == level
                    && controls.get(ValueLayout.JAVA_INT, at + TYPE) == type) {
                return at;
            }
            at += align(length);
        }
        return -1;
    }

    /** {@return the level of the message at {@code at}, with its type in the lowest byte} */
    static int kind(MemorySegment controls, long at) {
        return controls.get(ValueLayout.JAVA_INT, at + LEVEL) << Byte.SIZE
                | controls.get(ValueLayout.JAVA_INT, at + TYPE);
    }

    /** {@return where the message after the one at {@code at} would begin} */
    static long next(MemorySegment controls, long at) {
        return at + align(Math.max(HEADER, controls.get(ValueLayout.JAVA_LONG, at + LENGTH)));
    }

    /** Write a message that requests segments of this size. */
    static void writeSegment(MemorySegment controls, long at, int segmentSize) {
        begin(controls, at, Libc.IPPROTO_UDP, Libc.UDP_SEGMENT, Short.BYTES);
        controls.set(ValueLayout.JAVA_SHORT, at + HEADER, (short) segmentSize);
    }

    /**
     * Write a message that sets the hop limit of a datagram to an IPv6 address, or to an IPv4 address, mapped or not.
     */
    static void writeHops(MemorySegment controls, long at, boolean six, int hops) {
        if (six) {
            begin(controls, at, Libc.IPPROTO_IPV6, Libc.IPV6_HOPLIMIT, Integer.BYTES);
        } else {
            begin(controls, at, Libc.IPPROTO_IP, Libc.IP_TTL, Integer.BYTES);
        }
        controls.set(ValueLayout.JAVA_INT, at + HEADER, hops);
    }

    private static void begin(MemorySegment controls, long at, int level, int type, long payload) {
        controls.set(ValueLayout.JAVA_LONG, at + LENGTH, HEADER + payload);
        controls.set(ValueLayout.JAVA_INT, at + LEVEL, level);
        controls.set(ValueLayout.JAVA_INT, at + TYPE, type);
    }

    /** {@return a message that sets the source address to {@code from}, in whole longs} */
    static long[] source(InetAddress from, boolean six) {
        return six ? source6(from) : source4((Inet4Address) from);
    }

    private static long[] source4(Inet4Address from) {
        var message = words(CStructs.IN_PKTINFO);
        var memory = MemorySegment.ofArray(message);
        begin(memory, 0, Libc.IPPROTO_IP, Libc.IP_PKTINFO, CStructs.IN_PKTINFO.byteSize());
        MemorySegment.copy(from.getAddress(), 0, memory, ValueLayout.JAVA_BYTE, HEADER + SOURCE_4, 4);
        return message;
    }

    private static long[] source6(InetAddress from) {
        var message = words(CStructs.IN6_PKTINFO);
        var memory = MemorySegment.ofArray(message);
        begin(memory, 0, Libc.IPPROTO_IPV6, Libc.IPV6_PKTINFO, CStructs.IN6_PKTINFO.byteSize());
        NativeAddress.write16(from, memory, HEADER + SOURCE_6);
        if (from instanceof Inet6Address scoped && from.isLinkLocalAddress()) {
            memory.set(ValueLayout.JAVA_INT, HEADER + INTERFACE_6, scoped.getScopeId());
        }
        return message;
    }

    private static long[] words(StructLayout payload) {
        return new long[(int) (space(payload.byteSize()) / Long.BYTES)];
    }
}
