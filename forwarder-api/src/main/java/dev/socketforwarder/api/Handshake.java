package dev.socketforwarder.api;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Decides whether a peer is admitted, and reads what the peer asks for. A handshake is thread-safe and keeps no state for any peer:
 * whenever a peer has sent more bytes, the handshake is asked again with all bytes that the peer has sent so far.
 */
@FunctionalInterface
public interface Handshake {

    /**
     * Load whatever the decisions depend on, such as the addresses of host names. The runtime calls this method once before the
     * endpoint binds, on a thread that may block. {@code socketforwarder check} does not call this method.
     *
     * @throws IOException if something cannot be loaded; the start then fails with exit code 1. The user sees nothing but the
     *     message
     */
    default void prepare() throws IOException {}

    /**
     * Decide about a peer.
     *
     * <p>The runtime calls this method on an event loop, with one exception: at an endpoint of streams, the policies of plugins are
     * called on a separate thread of the endpoint. The method must return a decision for any bytes, must not block, and must not
     * throw. An exception counts as {@link Reason#HANDSHAKE_FAILED} and affects this peer alone.
     *
     * @param peer the peer that asks to be admitted
     * @param bytes all bytes that the peer has sent so far, from position to limit; read-only, and valid during this call only
     * @param arrival how the bytes arrived
     * @return the decision
     */
    Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival);

    /**
     * Release what {@link #prepare} acquired. The runtime calls this method when the endpoint has stopped or could not start, and
     * possibly more than once.
     */
    default void close() {}

    /**
     * {@return whether first messages may contain a secret; if so, their bytes never appear in a log}
     */
    default boolean isConfidential() {
        return false;
    }

    /**
     * {@return the length in bytes of the shortest first message of a stream that this handshake could admit; 0 if it can admit a
     * peer that has sent nothing. The configuration is wrong if an endpoint's limit for first messages is below this length}
     */
    default int shortestMessage() {
        return 0;
    }

    /** Says how the bytes of a first message arrived. */
    enum Arrival {
        /** No bytes have arrived: the peer has just connected, and only its addresses are known. */
        NONE,
        /** The bytes are exactly the first read of a stream. */
        FIRST_READ,
        /** The bytes arrived in several reads of a stream. */
        MORE,
        /** The bytes are one whole datagram; no more bytes will follow. */
        DATAGRAM
    }

    /** The decision about a peer. */
    sealed interface Outcome {}

    /**
     * The peer is admitted.
     *
     * @param argument what the peer asks for, in a form that the transport defines: for example a group id, or a port to receive on
     * @param consumed how many of the bytes belong to the first message; the bytes behind them are data
     */
    record Admitted(String argument, int consumed) implements Outcome {}

    /**
     * The handshake can decide only after more bytes have arrived. The transport limits their number and the time for them: a
     * peer that exceeds a limit is closed for {@link Reason#FIRST_MESSAGE_TOO_LONG} or {@link Reason#FIRST_MESSAGE_TIMEOUT}.
     */
    record NeedMore() implements Outcome {}

    /**
     * This policy leaves the decision to the next policy. If all policies decline, the peer is rejected for the last policy's
     * reason.
     *
     * @param reason why this policy does not decide
     * @param detail what this policy expected, in a few words for the log; empty if the reason says everything
     */
    record Declined(Reason reason, String detail) implements Outcome {

        /**
         * Decline without a detail.
         *
         * @param reason why this policy does not decide
         */
        public Declined(Reason reason) {
            this(reason, "");
        }
    }

    /**
     * The transport must send this reply to the peer and wait for more bytes.
     *
     * @param reply the bytes from position to limit; the transport changes neither, so that one buffer can be sent to many peers
     */
    record Challenge(ByteBuffer reply) implements Outcome {}

    /**
     * The peer is rejected, and no other policy is asked. The transport reports the reason to {@link TransportContext#refused}, and
     * closes the peer's connection if there is one.
     *
     * @param reason why the peer is rejected, for the log and the counters
     * @param detail what was expected, in a few words for the log; empty if the reason says everything
     */
    record Rejected(Reason reason, String detail) implements Outcome {

        /**
         * Reject the peer without a detail.
         *
         * @param reason why, for the log and the counters
         */
        public Rejected(Reason reason) {
            this(reason, "");
        }
    }
}
