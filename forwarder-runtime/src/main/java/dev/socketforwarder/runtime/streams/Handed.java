package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.kit.HostPort;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;

/** What a transport hands to its streams, before any of it is taken: here the transport sees what it did wrong. */
final class Handed {
    private Handed() {}

    /** Refuse a connection that cannot be served. */
    static void require(SocketChannel connection, Peer peer) {
        requireOwn(connection);
        Objects.requireNonNull(HostPort.text(peer.remote())); // for the log
        boolean isConnected = connection.isConnected();
        if (!isConnected && connection.isOpen()) {
            throw new NotYetConnectedException(); // selectors would tell of it for ever
        }
    }

    /** Refuse a channel that selectors do not take. */
    static void requireOwn(Channel channel) {
        if (channel.getClass().getModule() != Channel.class.getModule()) {
            throw new IllegalArgumentException(
                    "not a channel of the JDK's own: " + channel.getClass().getName());
        }
    }

    /** {@return its bytes in direct memory, from 0 to its capacity; empty if there are none} */
    static Optional<ByteBuffer> copy(ByteBuffer greeting) {
        return Optional.of(greeting)
                .filter(ByteBuffer::hasRemaining)
                .map(bytes -> ByteBuffer.allocateDirect(bytes.remaining())
                        .put(bytes.duplicate())
                        .flip());
    }
}
