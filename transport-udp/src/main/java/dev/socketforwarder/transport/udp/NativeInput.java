package dev.socketforwarder.transport.udp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;

/** Receives up to {@value Intake#MAX_DATAGRAMS} datagrams by one recvmmsg. One thread's. */
final class NativeInput {
    private static final int COUNT = Intake.MAX_DATAGRAMS;
    private static final long PAYLOAD = ControlMessages.HEADER;
    private static final long CAME_TO_4 = PAYLOAD + CStructs.offset(CStructs.IN_PKTINFO, "ipi_spec_dst");
    private static final long CAME_TO_6 = PAYLOAD + CStructs.offset(CStructs.IN6_PKTINFO, "ipi6_addr");
    private static final long INTERFACE_6 = PAYLOAD + CStructs.offset(CStructs.IN6_PKTINFO, "ipi6_ifindex");

    private final Libc libc;
    private final KnownAddresses senders = new KnownAddresses();
    private final Messages messages;
    private final Vectors vectors;
    private final Intake intake;
    private long dropped = -1;

    // The address that the last datagram came to: mostly the next one's too.
    private long key;
    private long key2;
    private int keyInterface;
    private InetAddress keyAddress;

    NativeInput(Libc libc, int maxDatagram, Arena arena) {
        this.libc = libc;
        int place = Intake.placeSize(maxDatagram);
        var memory = arena.allocate((long) COUNT * place, Long.BYTES);
        intake = new Intake(maxDatagram, memory.asByteBuffer());
        messages = new Messages(COUNT, ControlMessages.ROOM_IN, arena);
        vectors = new Vectors(COUNT, arena);
        for (int i = 0; i < COUNT; i++) {
            vectors.set(i, memory.address() + (long) i * place, place);
            messages.vectors(i, vectors.address(i), 1);
        }
    }

    Intake intake() {
        return intake;
    }

    /** {@return 0, or the error number} */
    int receive(NativeSocket socket) {
        dropped = -1;
        int count = libc.recvmmsg(socket.fd(), messages.address(0), COUNT);
        if (count < 0) {
            return libc.errno();
        }
        int place = intake.placeSize();
        for (int i = 0; i < count; i++) {
            var source = senders.decode(messages.names(), Messages.nameAt(i));
            intake.add(source, cameTo(i, socket), i * place, messages.length(i));
            // The kernel wrote there how much it used.
            messages.offerRoom(i);
        }
        return 0;
    }

    /**
     * {@return how many datagrams the kernel says it dropped at this socket since it was opened, modulo 2^32; -1 if the
     * last {@link #receive} heard nothing of it}
     */
    long dropped() {
        return dropped;
    }

    private InetAddress cameTo(int i, NativeSocket socket) {
        int length = messages.controlLength(i);
        if (length == 0) {
            return socket.local().getAddress();
        }
        var controls = messages.controls();
        long at = messages.controlAt(i);
        long end = at + length;
        long overflow = ControlMessages.find(controls, at, end, Libc.SOL_SOCKET, Libc.SO_RXQ_OVFL);
        if (overflow >= 0) {
            dropped = Integer.toUnsignedLong(controls.get(ValueLayout.JAVA_INT, overflow + PAYLOAD));
        }
        if (!socket.isWildcard()) {
            return socket.local().getAddress();
        }
        var address = socket.isSix()
                ? cameTo6(controls, ControlMessages.find(controls, at, end, Libc.IPPROTO_IPV6, Libc.IPV6_PKTINFO))
                : cameTo4(controls, ControlMessages.find(controls, at, end, Libc.IPPROTO_IP, Libc.IP_PKTINFO));
        // A group's address is nobody's to send from.
        return address == null || address.isMulticastAddress() ? socket.local().getAddress() : address;
    }

    private InetAddress cameTo4(MemorySegment controls, long at) {
        if (at < 0) {
            return null;
        }
        long address = controls.get(ValueLayout.JAVA_INT, at + CAME_TO_4);
        if (keyAddress == null || address != key) {
            keyAddress = NativeAddress.decode4(controls, at + CAME_TO_4);
            key = address;
        }
        return keyAddress;
    }

    private InetAddress cameTo6(MemorySegment controls, long at) {
        if (at < 0) {
            return null;
        }
        long high = controls.get(ValueLayout.JAVA_LONG, at + CAME_TO_6);
        long low = controls.get(ValueLayout.JAVA_LONG, at + CAME_TO_6 + Long.BYTES);
        int through = controls.get(ValueLayout.JAVA_INT, at + INTERFACE_6);
        if (keyAddress == null || high != key || low != key2 || through != keyInterface) {
            // The interface matters where the same address may be at several.
            var address = NativeAddress.decode16(controls, at + CAME_TO_6, 0);
            keyAddress = address.isLinkLocalAddress() && address.getAddress().length == 16
                    ? NativeAddress.decode16(controls, at + CAME_TO_6, through)
                    : address;
            key = high;
            key2 = low;
            keyInterface = through;
        }
        return keyAddress;
    }
}
