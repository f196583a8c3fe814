package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.kit.AddressText;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;

/**
 * Checks what a transport hands to its streams before the streams use it, so that a mistake shows in the transport's
 * own call.
 */
final class HandedOver {
    private HandedOver() {}

    /** Refuse a connection that cannot be served. */
    static void require(SocketChannel connection, Peer peer) {
        requireOwn(connection);
        Objects.requireNonNull(AddressText.of(peer.remote())); // for the log
        boolean isConnected = connection.isConnected();
        if (!isConnected && connection.isOpen()) {
            throw new NotYetConnectedException(); // selectors would report the channel for ever
        }
    }

    /** Refuse a channel that selectors do not accept. */
    static void requireOwn(Channel channel) {
        if (channel.getClass().getModule() != Channel.class.getModule()) {
            throw new IllegalArgumentException(
                    "not a channel of the JDK: " + channel.getClass().getName());
        }
    }

    /** {@return the bytes of the greeting in direct memory, from 0 to the capacity; empty if there are none} */
    static Optional<ByteBuffer> copy(ByteBuffer greeting) {
        return Optional.of(greeting)
                .filter(ByteBuffer::hasRemaining)
                .map(bytes -> ByteBuffer.allocateDirect(bytes.remaining())
                        .put(bytes.duplicate())
                        .flip());
    }
}
