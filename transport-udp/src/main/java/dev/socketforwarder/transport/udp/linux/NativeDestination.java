package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Hops;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A member's address in the kernel's form. Used on the endpoint's thread. */
final class NativeDestination implements Destination {
    private static final long[] NO_SOURCE = {};

    private final InetSocketAddress address;
    private final InetAddress from;
    private final NativeSocket socket;
    private final NativeOutput output;
    private final Block intake;
    private final long[] name;
    private final long[] source;
    /** The size from which on segments are refused. */
    private int refusedSegment = Integer.MAX_VALUE;

    /**
     * Make a destination.
     *
     * @param from the address to send from; the wildcard lets the route decide
     */
    NativeDestination(
            InetSocketAddress address, NativeSocket socket, InetAddress from, NativeOutput output, Block intake) {
        this.address = address;
        this.from = socket.isWildcard() ? from : socket.bound();
        this.socket = socket;
        this.output = output;
        this.intake = intake;
        name = NativeAddress.encode(address, socket.isSix());
        // A socket bound to one address sends from it anyway.
        source = socket.isWildcard() && !from.isAnyLocalAddress()
                ? ControlMessages.source(from, socket.isSix())
                : NO_SOURCE;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public InetAddress from() {
        return from;
    }

    NativeSocket socket() {
        return socket;
    }

    /** Write the destination and source of message {@code i}, and its segment size unless {@code segment} is 0. */
    void address(Messages messages, int i, int segment, int hops) {
        messages.name(i, name, NativeAddress.length(socket.isSix()));
        messages.source(i, source, segment);
        // The socket sets the hop limit for groups.
        if (hops != Hops.NONE && !address.getAddress().isMulticastAddress()) {
            messages.hops(i, address.getAddress() instanceof Inet6Address, hops);
        }
    }

    boolean takesSegments(int size) {
        return size < refusedSegment;
    }

    /** Send datagrams of this size or more one by one from now on; 0 means all. */
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
