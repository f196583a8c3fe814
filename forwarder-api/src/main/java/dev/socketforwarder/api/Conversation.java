package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;

/**
 * One connection as its {@link Codec} sees it: the way to the peer and to the group. A codec calls the methods during its own methods
 * only, on the thread that called them; any other call, except of {@link #peer}, throws {@link IllegalStateException}. After {@link
 * #end}, and once the runtime has ended the connection, the methods do nothing; only {@link #largestMessage} and {@link #memory} still
 * answer.
 */
@NotForImplementation
public interface Conversation {

    /**
     * {@return the peer: its address, the client's if a trusted proxy sent a header, and its TLS certificates}
     */
    Peer peer();

    /**
     * Ask the endpoint's policies whether the peer may join, and join the group that they name. Called once, in {@link
     * Codec#received}; any other call throws {@link IllegalStateException}. The answer is a call of {@link Codec#joined} or {@link
     * Codec#goodbye}. It comes when this method's caller has returned: soon, or later if a policy blocks. Meanwhile nothing is read
     * from the peer.
     *
     * <p>The codec builds the first message, and makes it what a plain client would send: the setting {@code new-client-prefix} ({@code
     * SOCKETFORWARDER-NEW:} if it is missing), which the transport reads; for the policy {@code token}, the token and a colon; then the
     * group id and a line feed. What stands behind the line feed is ignored.
     *
     * @param firstMessage what the policies read, as if exactly these bytes were the {@linkplain Handshake.Arrival#FIRST_READ first
     *     read} of a stream, copied from position to limit; it need not be what the peer sent. A policy that asks for more, or
     *     challenges, refuses the peer
     * @param encoding how the member's peer gets messages
     */
    void join(ByteBuffer firstMessage, Encoding encoding);

    /**
     * Join a group without asking the endpoint's policies. Otherwise as {@link #join(ByteBuffer, Encoding)}. This method is for codecs
     * that themselves decide who may join: the setting {@code handshake} has no effect on such a join, so {@code handshake: [token]}
     * protects nothing.
     *
     * @param group the group to join
     * @param encoding how the member's peer gets messages
     */
    void join(GroupId group, Encoding encoding);

    /**
     * Publish a message to the other members of the group. Only in {@link Codec#received} and {@link Codec#ended}, after the join;
     * any other call throws {@link IllegalStateException}. The runtime delivers the messages of one call together, after the codec has
     * returned.
     *
     * <p>A message that is larger than {@link #largestMessage} ends the connection as {@link Reason#MESSAGE_TOO_LARGE}, and so {@link
     * Codec#goodbye} follows.
     *
     * @param message the bare message, copied from position to limit; may be a part of what {@code received} got; may be empty
     * @param kind what the peer meant the message to be
     */
    void publish(ByteBuffer message, MessageKind kind);

    /**
     * Send bytes to this peer alone: what the protocol says besides messages, such as the answer to a request or to a ping. The bytes
     * go behind everything that waits for the peer, and are not encoded.
     *
     * <p>Before the join, a peer that does not take the bytes at once is closed. After the join, the bytes wait in the member's queue.
     * While more than 64 KiB of such bytes wait, the runtime reads nothing from the peer.
     *
     * @param bytes copied from position to limit
     */
    void send(ByteBuffer bytes);

    /**
     * End the connection. A member leaves its group at once. What waits for the peer is sent, then the output is shut, and what the
     * peer still sends is discarded. {@link Codec#close} is the only call that follows.
     *
     * @param reason why, for the counters; {@link Reason#PEER_CLOSED} if the peer asked for the end
     * @param detail what was wrong, in a few words for the log; empty if the reason says everything
     */
    void end(Reason reason, String detail);

    /**
     * {@return the size of the largest message that the group allows, in bytes. The answer stays the same after {@link #end}}
     *
     * @throws IllegalStateException before {@link Codec#joined}, and in the last calls of a codec that never joined
     */
    int largestMessage();

    /**
     * {@return the memory for what the codec itself has to keep of its peer's messages, such as the fragments of one message. It is
     * limited and counted ({@code max-queued}). What the codec took from it goes back in {@link Codec#close} at the latest, also
     * after {@link #end}. A codec that holds some of it for {@code message-timeout} without a pause is closed as {@link
     * Reason#MESSAGE_INCOMPLETE}. {@link Codec} says what follows if no memory is left}
     *
     * @throws IllegalStateException before {@link Codec#joined}, and in the last calls of a codec that never joined
     */
    Memory memory();
}
