package dev.socketforwarder.transport.udp.linux;

import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The layouts of C structures in the system calls on 64-bit Linux. A test compares them with the system's headers. */
final class CStructs {
    static final StructLayout IOVEC =
            structLayout(word("iov_base"), word("iov_len")).withName("iovec");

    static final StructLayout MSGHDR = structLayout(
                    word("msg_name"),
                    number("msg_namelen"),
                    paddingLayout(4),
                    word("msg_iov"),
                    word("msg_iovlen"),
                    word("msg_control"),
                    word("msg_controllen"),
                    number("msg_flags"),
                    paddingLayout(4))
            .withName("msghdr");

    static final StructLayout MMSGHDR = structLayout(MSGHDR.withName("msg_hdr"), number("msg_len"), paddingLayout(4))
            .withName("mmsghdr");

    static final StructLayout CMSGHDR = structLayout(word("cmsg_len"), number("cmsg_level"), number("cmsg_type"))
            .withName("cmsghdr");

    static final StructLayout IN_PKTINFO = structLayout(
                    number("ipi_ifindex"), number("ipi_spec_dst"), number("ipi_addr"))
            .withName("in_pktinfo");

    static final StructLayout IN6_PKTINFO =
            structLayout(bytes("ipi6_addr", 16), number("ipi6_ifindex")).withName("in6_pktinfo");

    static final StructLayout SOCKADDR_IN = structLayout(
                    half("sin_family"), half("sin_port"), number("sin_addr"), bytes("sin_zero", 8))
            .withName("sockaddr_in");

    static final StructLayout SOCKADDR_IN6 = structLayout(
                    half("sin6_family"),
                    half("sin6_port"),
                    number("sin6_flowinfo"),
                    bytes("sin6_addr", 16),
                    number("sin6_scope_id"))
            .withName("sockaddr_in6");

    static final StructLayout POLLFD =
            structLayout(number("fd"), half("events"), half("revents")).withName("pollfd");

    static final StructLayout SOCK_EXTENDED_ERR = structLayout(
                    number("ee_errno"),
                    bytes("ee_origin", 1),
                    bytes("ee_type", 1),
                    bytes("ee_code", 1),
                    bytes("ee_pad", 1),
                    number("ee_info"),
                    number("ee_data"))
            .withName("sock_extended_err");

    static final StructLayout IP_MREQN = structLayout(
                    number("imr_multiaddr"), number("imr_address"), number("imr_ifindex"))
            .withName("ip_mreqn");

    static final StructLayout GROUP_REQ = structLayout(number("gr_interface"), paddingLayout(4), bytes("gr_group", 128))
            .withName("group_req");

    static final List<StructLayout> ALL = List.of(
            IOVEC,
            MSGHDR,
            MMSGHDR,
            CMSGHDR,
            IN_PKTINFO,
            IN6_PKTINFO,
            SOCKADDR_IN,
            SOCKADDR_IN6,
            POLLFD,
            SOCK_EXTENDED_ERR,
            IP_MREQN,
            GROUP_REQ);

    private CStructs() {}

    // Pointers are words too, since they are passed as numbers.
    private static MemoryLayout word(String name) {
        return ValueLayout.JAVA_LONG.withName(name);
    }

    private static MemoryLayout number(String name) {
        return ValueLayout.JAVA_INT.withName(name);
    }

    private static MemoryLayout half(String name) {
        return ValueLayout.JAVA_SHORT.withName(name);
    }

    private static MemoryLayout bytes(String name, int count) {
        return MemoryLayout.sequenceLayout(count, ValueLayout.JAVA_BYTE).withName(name);
    }

    /** {@return the offset of the member {@code path} in bytes} */
    static long offset(StructLayout struct, String... path) {
        var elements = new PathElement[path.length];
        for (int i = 0; i < path.length; i++) {
            elements[i] = PathElement.groupElement(path[i]);
        }
        return struct.byteOffset(elements);
    }
}
