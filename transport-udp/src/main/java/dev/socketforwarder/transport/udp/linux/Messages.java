package dev.socketforwarder.transport.udp.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An array of struct mmsghdr, each with its own room for an address and control messages. Confined to one thread.
 *
 * <p>The pointers to addresses and control messages never change and are written once.
 */
final class Messages {
    static final long SIZE = CStructs.MMSGHDR.byteSize();

    private static final long NAME = CStructs.offset(CStructs.MMSGHDR, "msg_hdr", "msg_name");
    private static final long NAME_LENGTH = CStructs.offset(CStructs.MMSGHDR, "msg_hdr", "msg_namelen");
    private static final long VECTORS = CStructs.offset(CStructs.MMSGHDR, "msg_hdr", "msg_iov");
    private static final long VECTOR_COUNT = CStructs.offset(CStructs.MMSGHDR, "msg_hdr", "msg_iovlen");
    private static final long CONTROL = CStructs.offset(CStructs.MMSGHDR, "msg_hdr", "msg_control");
    private static final long CONTROL_LENGTH = CStructs.offset(CStructs.MMSGHDR, "msg_hdr", "msg_controllen");
    private static final long LENGTH = CStructs.offset(CStructs.MMSGHDR, "msg_len");

    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment controls;
    private final long address;
    private final int controlRoom;

    Messages(int count, int controlRoom, Arena arena) {
        this.controlRoom = controlRoom;
        headers = arena.allocate(count * SIZE, Long.BYTES);
        names = arena.allocate((long) count * NativeAddress.ROOM, Long.BYTES);
        controls = arena.allocate((long) count * controlRoom, Long.BYTES);
        address = headers.address();
        for (int i = 0; i < count; i++) {
            headers.set(ValueLayout.JAVA_LONG, i * SIZE + NAME, names.address() + nameAt(i));
            headers.set(ValueLayout.JAVA_LONG, i * SIZE + CONTROL, controls.address() + controlAt(i));
            offerRoom(i);
        }
    }

    /** {@return the address of message {@code i}, for a system call} */
    long address(int i) {
        return address + i * SIZE;
    }

    /** Let the kernel write an address and control messages of any length to message {@code i}. */
    void offerRoom(int i) {
        headers.set(ValueLayout.JAVA_INT, i * SIZE + NAME_LENGTH, NativeAddress.ROOM);
        headers.set(ValueLayout.JAVA_LONG, i * SIZE + CONTROL_LENGTH, controlRoom);
    }

    MemorySegment names() {
        return names;
    }

    static long nameAt(int i) {
        return (long) i * NativeAddress.ROOM;
    }

    MemorySegment controls() {
        return controls;
    }

    long controlAt(int i) {
        return (long) i * controlRoom;
    }

    /** {@return the length of the control messages that the kernel wrote} */
    int controlLength(int i) {
        return (int) Math.min(controlRoom, headers.get(ValueLayout.JAVA_LONG, i * SIZE + CONTROL_LENGTH));
    }

    /**
     * Write the control messages of message {@code i}: its source address and segment size.
     *
     * @param source the message with the source address in whole longs, or an empty array
     * @param segment the size of its segments; 0 for no segments
     */
    void source(int i, long[] source, int segment) {
        long at = controlAt(i);
        if (source.length > 0) {
            MemorySegment.copy(source, 0, controls, ValueLayout.JAVA_LONG, at, source.length);
        }
        long length = (long) source.length * Long.BYTES;
        if (segment > 0) {
            ControlMessages.writeSegment(controls, at + length, segment);
            length += ControlMessages.SEGMENT;
        }
        headers.set(ValueLayout.JAVA_LONG, i * SIZE + CONTROL_LENGTH, length);
    }

    /** Add the hop limit of message {@code i}; {@code six} is as in {@link ControlMessages#writeHops}. */
    void hops(int i, boolean six, int hops) {
        long length = headers.get(ValueLayout.JAVA_LONG, i * SIZE + CONTROL_LENGTH);
        ControlMessages.writeHops(controls, controlAt(i) + length, six, hops);
        headers.set(ValueLayout.JAVA_LONG, i * SIZE + CONTROL_LENGTH, length + ControlMessages.HOPS);
    }

    /** Write the destination of message {@code i}. */
    void name(int i, long[] name, int length) {
        MemorySegment.copy(name, 0, names, ValueLayout.JAVA_LONG, nameAt(i), name.length);
        headers.set(ValueLayout.JAVA_INT, i * SIZE + NAME_LENGTH, length);
    }

    void vectors(int i, long vectors, int count) {
        headers.set(ValueLayout.JAVA_LONG, i * SIZE + VECTORS, vectors);
        headers.set(ValueLayout.JAVA_LONG, i * SIZE + VECTOR_COUNT, count);
    }

    long vectors(int i) {
        return headers.get(ValueLayout.JAVA_LONG, i * SIZE + VECTORS);
    }

    int vectorCount(int i) {
        return (int) headers.get(ValueLayout.JAVA_LONG, i * SIZE + VECTOR_COUNT);
    }

    /** {@return how many bytes were received or sent} */
    int length(int i) {
        return headers.get(ValueLayout.JAVA_INT, i * SIZE + LENGTH);
    }
}
