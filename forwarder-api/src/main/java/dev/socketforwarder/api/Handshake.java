package dev.socketforwarder.api;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Decides who may take part, and what they ask for. Thread-safe, and without a state of its own for any peer: it is asked
 * again, with all bytes so far, whenever more came.
 */
@FunctionalInterface
public interface Handshake {

    /**
     * Look up and load what the decisions need (names of hosts, say). Called once by the runtime before the endpoint binds,
     * on a thread that may block; not by {@code socketforwarder check}.
     *
     * @throws IOException if that fails: the start fails with exit code 1. Its message is all that the user sees
     */
    default void prepare() throws IOException {}

    /**
     * Consider a peer.
     *
     * <p>Called on an event loop; a plugin's policy, where it is asked about streams, on a thread of its endpoint for that. Answers whatever the bytes are, and at once: must not block, nor throw. An exception
     * counts as {@link Reason#HANDSHAKE_FAILED} and costs this peer alone.
     *
     * @param peer who it is
     * @param bytes all that the peer has sent so far, from position to limit, read-only and valid during this call
     * @param arrival how the bytes came
     * @return what becomes of the peer
     */
    Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival);

    /**
     * End what {@link #prepare} began. Called by the runtime when the endpoint has stopped, or could not start; maybe more than
     * once.
     */
    default void close() {}

    /**
     * {@return whether what peers send to it may hold a secret: no log shows their bytes then}
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

    /** How the bytes came. */
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

    /** The answer. */
    sealed interface Outcome {}

    /**
     * Let it in.
     *
     * @param argument what it asks for; the transport gives it its meaning: a group id, a receive port
     * @param consumed how many of the bytes the handshake used up; the rest is data already
     */
    record Admitted(String argument, int consumed) implements Outcome {}

    /**
     * Undecided until more bytes come. The transport bounds how many, and for how long: a peer that goes on is closed for
     * {@link Reason#FIRST_MESSAGE_TOO_LONG} or {@link Reason#FIRST_MESSAGE_TIMEOUT}.
     */
    record NeedMore() implements Outcome {}

    /**
     * Not for this policy: the next one is asked. If all decline, the peer is rejected for the last one's reason.
     *
     * @param reason why it is not for this policy
     */
    record Declined(Reason reason) implements Outcome {}

    /**
     * Send this to the peer, and await more bytes.
     *
     * @param reply from position to limit; neither is moved, so that one may be sent to many peers
     */
    record Challenge(ByteBuffer reply) implements Outcome {}

    /**
     * Turn it away; no other policy is asked. The transport tells the reason by {@link TransportContext#refused}, and
     * closes the peer if it has a connection.
     *
     * @param reason why, for the log and the counters
     */
    record Rejected(Reason reason) implements Outcome {}
}
