package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Peer;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Whom a connection counts for: its address. IPv6 addresses count by their first 64 bits, since one host may use all that
 * follow.
 */
record Source(long bits, boolean isIpv6) {
    /** Of all that have no address: peers of Unix domain sockets, say. */
    static final Source NAMELESS = new Source(0, false);

    static Source of(InetAddress address) {
        var bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address ? new Source(bytes.getLong(), true) : new Source(bytes.getInt(), false);
    }

    static Source of(Peer peer) {
        return peer.address().map(Source::of).orElse(NAMELESS);
    }
}
