package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Hops;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A member's address as the kernel wants it. Used on the endpoint's thread. */
final class NativeDestination implements Destination {
    private static final long[] NO_SOURCE = {};

    private final InetSocketAddress address;
    private final NativeSocket socket;
    private final NativeOutput output;
    private final Block intake;
    private final long[] name;
    private final long[] source;
    /** Segments of this size or more do not pass. */
    private int refusedSegment = Integer.MAX_VALUE;

    /**
     * Make one.
     *
     * @param from the address that datagrams leave from; the wildcard: as the route suggests
     */
    NativeDestination(
            InetSocketAddress address, NativeSocket socket, InetAddress from, NativeOutput output, Block intake) {
        this.address = address;
        this.socket = socket;
        this.output = output;
        this.intake = intake;
        name = NativeAddress.encode(address, socket.isSix());
        // A socket that is bound to one address sends from it anyway.
        source = socket.isWildcard() && !from.isAnyLocalAddress()
                ? ControlMessages.source(from, socket.isSix())
                : NO_SOURCE;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    NativeSocket socket() {
        return socket;
    }

    /** Write where message {@code i} goes, and from where; and that it is cut into segments, unless {@code segment} is 0. */
    void address(Messages messages, int i, int segment, int hops) {
        messages.name(i, name, NativeAddress.length(socket.isSix()));
        messages.source(i, source, segment);
        // How far something goes to a group, its socket says.
        if (hops != Hops.NONE && !address.getAddress().isMulticastAddress()) {
            messages.hops(i, address.getAddress() instanceof Inet6Address, hops);
        }
    }

    boolean takesSegments(int size) {
        return size < refusedSegment;
    }

    /** Send datagrams of this size or more one by one from now on; 0: all. */
    void refusedSegments(int size) {
        refusedSegment = Math.min(refusedSegment, size);
    }

    @Override
    public void send(Batch batch, int hops) {
        if (batch.block() == intake) {
            output.add(this, batch, hops);
        } else {
            output.sendNow(this, batch, hops);
        }
    }
}
