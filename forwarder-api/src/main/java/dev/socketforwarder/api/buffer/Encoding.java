package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;

/**
 * Turns bare messages into the bytes that a member's peer gets: puts a frame around a message, compresses it, or writes it in
 * another form. In a group without messages (raw), a message is what arrived in one go.
 *
 * <p>The runtime encodes a message once for all members of one owner whose encodings are {@linkplain Object#equals equal}. So an
 * encoding is immutable, and equal encodings make equal bytes of equal messages: what one call writes depends on no other call. A
 * record is a good encoding.
 *
 * <p>Several threads may call the methods at the same time, since a group's members may have several owners. An encoding that needs
 * an expensive helper, such as a compressor, keeps one for each thread ({@link ThreadLocal}). No method may block or throw. If a
 * method throws, or writes more than it said, the members with this encoding are closed as {@link
 * dev.socketforwarder.api.Reason#INTERNAL_ERROR}.
 */
public interface Encoding {

    /**
     * {@return the most bytes that {@link #encode} writes for one message. Much memory may be reserved by this number for a short
     * time, so it should not be far too large}
     *
     * @param length the number of bytes of the bare message, 0 or more
     */
    long maxBytes(int length);

    /**
     * Write a message as the peer is to get it. An encoding that writes nothing makes a member that takes part in its group and is
     * sent no messages.
     *
     * @param message the bare message, from position to limit, in direct memory; valid during this call. The bytes must not be
     *     changed; the position and the limit may be
     * @param kind what the sender meant the message to be; {@link MessageKind#TEXT} for the {@code join-reply}, which in a group
     *     without messages ends with a line feed
     * @param into where to write, from the position on, in direct memory; room for at least {@link #maxBytes} bytes. The new position
     *     is the end of what was written
     * @return false if this encoding cannot carry the message. Nothing counts as written then, and the members miss the message,
     *     which is counted as {@link dev.socketforwarder.api.Reason#UNFRAMEABLE}
     */
    boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into);
}
