package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Intake;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;

/** Receives up to {@value Intake#MAX_DATAGRAMS} datagrams by one recvmmsg. Confined to one thread. */
final class NativeInput {
    private static final int COUNT = Intake.MAX_DATAGRAMS;
    private static final long PAYLOAD = ControlMessages.HEADER;
    private static final long CAME_TO_4 = PAYLOAD + CStructs.offset(CStructs.IN_PKTINFO, "ipi_spec_dst");
    private static final long CAME_TO_6 = PAYLOAD + CStructs.offset(CStructs.IN6_PKTINFO, "ipi6_addr");
    private static final long INTERFACE_6 = PAYLOAD + CStructs.offset(CStructs.IN6_PKTINFO, "ipi6_ifindex");

    private static final int OVERFLOW = Libc.SOL_SOCKET << Byte.SIZE | Libc.SO_RXQ_OVFL;
    private static final int INFO_4 = Libc.IPPROTO_IP << Byte.SIZE | Libc.IP_PKTINFO;
    private static final int INFO_6 = Libc.IPPROTO_IPV6 << Byte.SIZE | Libc.IPV6_PKTINFO;
    private static final int HOPS_4 = Libc.IPPROTO_IP << Byte.SIZE | Libc.IP_TTL;
    private static final int HOPS_6 = Libc.IPPROTO_IPV6 << Byte.SIZE | Libc.IPV6_HOPLIMIT;

    private final Libc libc;
    private final AddressCache senders = new AddressCache();
    private final Messages messages;
    private final Vectors vectors;
    private final Intake intake;
    private long dropped = -1;

    // The control messages of the current datagram: their offset or -1, and their values.
    private long info4;
    private long info6;
    private int hops;

    // The address that the last datagram arrived at; mostly the next one arrives there too.
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

    /**
     * Receive datagrams.
     *
     * @return 0, or the error number
     */
    int receive(NativeSocket socket) {
        dropped = -1;
        int count = libc.recvmmsg(socket.fd(), messages.address(0), COUNT);
        if (count < 0) {
            return libc.errno();
        }
        int place = intake.placeSize();
        for (int i = 0; i < count; i++) {
            var source = senders.decode(messages.names(), Messages.nameAt(i));
            readControls(i);
            intake.add(source, cameTo(socket), i * place, messages.length(i), hops);
            // The kernel overwrites the room with the used length.
            messages.offerRoom(i);
        }
        return 0;
    }

    /**
     * {@return how many datagrams the kernel has dropped at this socket since it was opened, modulo 2^32; -1 if the
     * last {@link #receive} was told nothing}
     */
    long dropped() {
        return dropped;
    }

    /** Read the control messages of datagram {@code i}. */
    private void readControls(int i) {
        var controls = messages.controls();
        long at = messages.controlAt(i);
        long end = at + messages.controlLength(i);
        info4 = -1;
        info6 = -1;
        hops = Hops.NONE;
        for (; at + PAYLOAD < end; at = ControlMessages.next(controls, at)) {
            switch (ControlMessages.kind(controls, at)) {
                case OVERFLOW -> dropped = Integer.toUnsignedLong(controls.get(ValueLayout.JAVA_INT, at + PAYLOAD));
                case INFO_4 -> info4 = at;
                case INFO_6 -> info6 = at;
                case HOPS_4, HOPS_6 -> hops = controls.get(ValueLayout.JAVA_INT, at + PAYLOAD);
                default -> {}
            }
        }
    }

    private InetAddress cameTo(NativeSocket socket) {
        if (!socket.isWildcard()) {
            return socket.local().getAddress();
        }
        var address = socket.isSix() ? cameTo6(messages.controls(), info6) : cameTo4(messages.controls(), info4);
        // Nothing can be sent from a group's address.
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
            // The interface matters if several interfaces have the same address.
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
