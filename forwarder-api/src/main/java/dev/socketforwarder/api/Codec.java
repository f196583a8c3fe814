package dev.socketforwarder.api;

import java.nio.ByteBuffer;

/**
 * Stands between the bytes of one connection and the messages of its group, for example to upgrade from HTTP and to read the frames
 * of WebSocket. A codec reads and writes no socket: the runtime gives it the bytes that the peer has sent, without TLS and without a
 * proxy's header, and the codec answers through its {@link Conversation}. The other direction is the work of an {@link
 * dev.socketforwarder.api.buffer.Encoding Encoding}, which the codec names when it joins: the messages of others do not pass through
 * the codec.
 *
 * <p>Everything that holds for plain connections also holds for a connection with a codec: addresses that may connect, limits,
 * rates, pacing, deadlines, {@code join-reply}, draining at the stop, and the counters. Only {@code refusal-reply} is not sent, since
 * {@link #goodbye} says why in the codec's own words.
 *
 * <pre>
 *   received* ──Conversation.join──> joined ──> received* ──┬──> ended ──────────────────────┐
 *       │                 └──> goodbye ──────────────────┐  ├──> goodbye ────────────────────┤
 *       └──> goodbye ────────────────────────────────────┴──┴──> Conversation.end ──> close ─┘
 * </pre>
 *
 * <p>The runtime calls one method at a time, on the event loop of the connection, which changes once when the connection joins. No
 * method may block: the members of other groups would wait. An exception ends the connection as {@link Reason#INTERNAL_ERROR}.
 *
 * <p>One exception is no fault of the codec: {@link dev.socketforwarder.api.buffer.Memory#acquire Memory.acquire} throws {@link
 * dev.socketforwarder.api.buffer.OutOfQueueException OutOfQueueException} when the process has reached {@code max-queued}. A codec lets
 * it pass from {@link #received}. The runtime then ends the connection as {@link Reason#OUT_OF_QUEUE}, with {@link #goodbye} as
 * usual. In {@link #joined}, {@link #ended} and {@link #probe} it counts as any other exception; a codec that acquires memory there
 * catches it, and calls {@link Conversation#end}.
 */
public interface Codec {

    /** Makes the codecs of one endpoint. Several event loops may call the factory at the same time. */
    @FunctionalInterface
    interface Factory {

        /**
         * {@return a new codec for a connection whose TLS handshake is over, if there is one, and of which no byte has been read}
         *
         * @param conversation the codec's way to the peer and to the group; until {@link Codec#received}, only {@link
         *     Conversation#peer} may be called
         */
        Codec open(Conversation conversation);
    }

    /**
     * Take bytes that the peer has sent. Bytes that the codec does not take, because their message is incomplete, are presented
     * again, together with more. After a call of {@link Conversation#join} the codec should take nothing more before {@link #joined}.
     *
     * <p>After the join, a codec that takes some bytes and leaves some is called again before anything more is read. So a codec whose
     * input becomes much larger, such as compressed messages, can take the input in portions. Each portion is delivered, and the group
     * may pause the peer, before the next is presented.
     *
     * <p>Before the join, the codec may leave at most {@code first-message-limit} bytes (8 KiB if the setting is missing), and the peer
     * has {@code first-message-timeout} for everything. After the join, a codec may leave one message of at most {@link
     * Conversation#largestMessage} bytes and the frame around it. The peer that sends more is closed as {@link
     * Reason#FIRST_MESSAGE_TOO_LONG} or {@link Reason#MESSAGE_TOO_LARGE}. The runtime counts the memory for what is left ({@code
     * max-queued}). A message that stays incomplete for {@code message-timeout} ends the connection as {@link
     * Reason#MESSAGE_INCOMPLETE}.
     *
     * @param bytes what the peer has sent and the codec has not taken, from position to limit, at least one byte. The new position is
     *     the end of what the codec has taken. Valid during this call. The codec may overwrite the bytes that it takes
     */
    void received(ByteBuffer bytes);

    /**
     * The connection is a member of its group now. What the codec {@linkplain Conversation#send sends} during this call is the first
     * that the peer gets; the {@code join-reply}, in the codec's encoding, and the messages of others follow. Bytes
     * that the codec had left are presented soon after this call.
     */
    default void joined() {}

    /**
     * The peer has ended its sending side, and nothing more will be received. Called for members only. What the codec sends now goes
     * behind what waits. Afterwards the runtime ends the connection as {@link Reason#PEER_CLOSED}, or keeps the member as a receiver
     * if {@code half-close} is {@code keep}.
     */
    default void ended() {}

    /**
     * Nothing has gone in either direction for about half of {@code idle-timeout}. The codec may send something that the peer answers,
     * such as a ping. That does not count as activity, but the answer does. Called for members only, at most once in each silence.
     */
    default void probe() {}

    /**
     * The runtime ends the connection, for a reason of its own. What the codec sends during this call goes behind what waits for the
     * peer, and is the last. Not called if the peer can be told nothing: the connection is reset, or its member is closed while
     * messages still wait for it. Not called either after {@link Conversation#end}, since the codec itself knows that end.
     *
     * @param reason why; before {@link #joined} that is why the peer may not join
     */
    default void goodbye(Reason reason) {}

    /**
     * The connection is over: let go of all resources. The last call, exactly once for each codec, and the only one that certainly
     * comes. The conversation can do nothing any more, except that the {@link Conversation#memory} of a codec that has joined still
     * takes back what the codec holds.
     */
    default void close() {}
}
