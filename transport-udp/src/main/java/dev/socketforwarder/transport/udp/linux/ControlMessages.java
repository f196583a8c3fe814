package dev.socketforwarder.transport.udp.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/** Control messages: what goes with a datagram beside its bytes, each a struct cmsghdr and what follows it. */
final class ControlMessages {
    static final long HEADER = CStructs.CMSGHDR.byteSize();

    /** What the kernel aligns them to. */
    private static final long ALIGNMENT = Long.BYTES;

    /** Bytes of one that tells the size of segments. */
    static final long SEGMENT = space(Short.BYTES);

    /** Bytes of one that tells a hop limit. */
    static final long HOPS = space(Integer.BYTES);

    /** Room for all that is sent with a datagram: the address it leaves from, the size of segments, and the hop limit. */
    static final int ROOM_OUT = (int) (space(CStructs.IN6_PKTINFO.byteSize()) + SEGMENT + HOPS);

    /** Room for all that comes with a datagram: the address it came to, its hop limit, and a count of those dropped. */
    static final int ROOM_IN = (int) (space(CStructs.IN6_PKTINFO.byteSize()) + HOPS + space(Integer.BYTES));

    private static final long LENGTH = CStructs.offset(CStructs.CMSGHDR, "cmsg_len");
    private static final long LEVEL = CStructs.offset(CStructs.CMSGHDR, "cmsg_level");
    private static final long TYPE = CStructs.offset(CStructs.CMSGHDR, "cmsg_type");
    private static final long SOURCE_4 = CStructs.offset(CStructs.IN_PKTINFO, "ipi_spec_dst");
    private static final long SOURCE_6 = CStructs.offset(CStructs.IN6_PKTINFO, "ipi6_addr");
    private static final long INTERFACE_6 = CStructs.offset(CStructs.IN6_PKTINFO, "ipi6_ifindex");

    private ControlMessages() {}

    /** {@return CMSG_SPACE: the bytes of a control message with this payload, up to the next one} */
    static long space(long payload) {
        return HEADER + align(payload);
    }

    private static long align(long size) {
        return size + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /**
     * {@return the first control message at {@code at} or behind it that is of this level and type, or -1}
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

    /** {@return what the one at {@code at} is: its level, and in the lowest byte its type} */
    static int kind(MemorySegment controls, long at) {
        return controls.get(ValueLayout.JAVA_INT, at + LEVEL) << Byte.SIZE
                | controls.get(ValueLayout.JAVA_INT, at + TYPE);
    }

    /** {@return where the one behind that at {@code at} begins, be there one or not} */
    static long next(MemorySegment controls, long at) {
        return at + align(Math.max(HEADER, controls.get(ValueLayout.JAVA_LONG, at + LENGTH)));
    }

    /** Write one that asks for segments of this size. */
    static void writeSegment(MemorySegment controls, long at, int segmentSize) {
        begin(controls, at, Libc.IPPROTO_UDP, Libc.UDP_SEGMENT, Short.BYTES);
        controls.set(ValueLayout.JAVA_SHORT, at + HEADER, (short) segmentSize);
    }

    /** Write one that sets the hop limit of a datagram to an IPv6 address, or to an IPv4 address, mapped or not. */
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

    /** {@return one that makes a datagram leave from {@code from}, in whole longs} */
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
