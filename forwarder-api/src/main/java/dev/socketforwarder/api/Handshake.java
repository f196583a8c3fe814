package dev.socketforwarder.api;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Decides whether a peer may take part, and reads what the peer asks for. Thread-safe, and without a state of its own for any peer: it is asked
 * again, with all bytes so far, whenever more came.
 */
@FunctionalInterface
public interface Handshake {

    /**
     * Look up and load what the decisions need (names of hosts, say). The runtime calls this once before the endpoint binds, on a
     * thread that may block. {@code socketforwarder check} does not call it.
     *
     * @throws IOException if that fails: the start fails with exit code 1. Its message is all that the user sees
     */
    default void prepare() throws IOException {}

    /**
     * Decide about a peer.
     *
     * <p>Called on an event loop. A plugin's policy is asked about streams on a separate thread of its endpoint. Answers whatever the bytes are, and at once: must not block, nor throw. An exception
     * counts as {@link Reason#HANDSHAKE_FAILED} and costs this peer alone.
     *
     * @param peer the peer
     * @param bytes all that the peer has sent so far, from position to limit, read-only and valid during this call
     * @param arrival how the bytes came
     * @return the decision
     */
    Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival);

    /**
     * Release what {@link #prepare} acquired. The runtime calls this when the endpoint has stopped, or could not start; maybe more
     * than once.
     */
    default void close() {}

    /**
     * {@return whether first messages may hold a secret; if so, no log shows their bytes}
     */
    default boolean isConfidential() {
        return false;
    }

    /**
     * {@return the fewest bytes of a first message of a stream that it could admit; 0 if it can do without any. An
     * endpoint that allows no more than less is configured wrong}
     */
    default int shortestMessage() {
        return 0;
    }

    /** The ways in which the bytes of a first message come. */
    enum Arrival {
        /** None yet: the peer has just connected. Only its addresses are known. */
        NONE,
        /** They are exactly the first read of a stream. */
        FIRST_READ,
        /** They came in several reads of a stream. */
        MORE,
        /** They are one whole datagram; there will be no more. */
        DATAGRAM
    }

    /** The decision about a peer. */
    sealed interface Outcome {}

    /**
     * Admit the peer.
     *
     * @param argument what the peer asks for; the transport gives the argument its meaning: a group id, a receive port
     * @param consumed how many of the bytes the handshake used up; the rest is data already
     */
    record Admitted(String argument, int consumed) implements Outcome {}

    /**
     * Decide when more bytes have come. The transport bounds how many, and for how long: a peer that goes on is closed for
     * {@link Reason#FIRST_MESSAGE_TOO_LONG} or {@link Reason#FIRST_MESSAGE_TIMEOUT}.
     */
    record NeedMore() implements Outcome {}

    /**
     * Leave the decision to the next policy. If all decline, the peer is rejected for the last policy's reason.
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
     * Send this to the peer, and await more bytes.
     *
     * @param reply the bytes from position to limit; neither is moved, so that one buffer may be sent to many peers
     */
    record Challenge(ByteBuffer reply) implements Outcome {}

    /**
     * Reject the peer; no other policy is asked. The transport tells the reason by {@link TransportContext#refused}, and
     * closes the peer if it has a connection.
     *
     * @param reason why, for the log and the counters
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
