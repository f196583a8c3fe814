package dev.socketforwarder.testkit;

/** Lists the promises that a plugin must keep, each quoted from the API's Javadoc. */
public enum Promise {
    /** Opening an endpoint does nothing that would have to be undone. */
    OPEN_IS_CHEAP(
            "Transport.open", "it reads every setting that the transport knows, opens no socket and starts no thread"),
    /** One transport serves many endpoints. */
    MANY_ENDPOINTS("Transport", "may be called many times, once for each configured endpoint of this type"),
    /** A transport reads every key in open, and leaves none for later. */
    SETTINGS_READ("Settings", "so read all keys that you know, each time, in Transport.open"),
    /** A started endpoint can be reached. */
    START_BINDS("Endpoint.start", "Bind the endpoint's addresses, and serve peers from then on."),
    /** The reported addresses are those that are bound. */
    ADDRESSES(
            "Endpoint.localAddresses",
            "with the port numbers that the kernel chose; empty before the endpoint has started"),
    /** A start that fails leaves nothing behind. */
    FAILED_START("Endpoint.start", "if an address cannot be bound; nothing stays open."),
    /** A start that fails says why it failed. */
    FAILED_START_SAYS("Endpoint.start", "The message names the address and says what to do"),
    /** An endpoint that failed to start can be stopped. */
    STOP_AFTER_FAILED_START("Endpoint", "stop may follow a start that failed."),

    /** A member joins on its owner's thread. */
    JOIN_ON_OWNER("Groups.join", "Called on the owner's thread."),
    /** A member publishes and leaves on its owner's thread. */
    MEMBERSHIP_ON_OWNER("Membership", "Every method must be called on the owner's thread."),
    /** An owner is one thread. */
    OWNER_IS_ONE_THREAD("Owner", "Runs tasks on the one thread that owns a set of members and all their state."),
    /** An owner never runs a task on the caller's stack. */
    OWNER_RUNS_LATER("Owner", "The method never blocks, and never runs the task before it returns."),
    /** An owner runs the tasks of one caller in order. */
    OWNER_KEEPS_ORDER("Owner", "Tasks of one caller run in the order of the calls."),
    /** A call of a member returns, so that the runtime can go on to the next member. */
    MEMBER_RETURNS("Member", "No method may block or throw."),
    /** A member does not leave during a delivery. */
    MEMBER_STAYS("Member", "No method except close may leave the group before it returns."),
    /** The text of a member fits into a line of the log. */
    DESCRIBED("Member.describe", "its address, of bounded length and without control characters"),

    /** A member delivers every byte in order, despite short writes and slow readers. */
    DELIVERED(
            "Member.deliver",
            "A peer of a stream receives everything that is delivered to it, unchanged and in order, however slowly the peer reads."),
    /** Delivered bytes do not wait for the next turn. */
    FLUSHED("Member.deliver", "the owner flushes each member that received something before the owner waits again"),
    /** What a peer sends goes to its group. */
    PUBLISHED(
            "Endpoint",
            "The endpoint publishes what a member sends unchanged and in order, to the group that the member's handshake named."),
    /** A sender does not receive its own data. */
    NO_ECHO("Membership.publish", "Deliver a batch to all other members of the group."),
    /** A paused member applies backpressure to its peer. */
    PAUSED("Member.pause", "Read nothing from this peer until resume is called: another member of the group is full."),
    /** A resumed member reads again. */
    RESUMED("Member.resume", "Read from this peer again. Members whose resume was called earlier read first."),
    /** The runtime can close a member. */
    CLOSED("Member.close", "Close this member's connection without flushing, and leave the group."),

    /** A transport handles a refused join. */
    JOIN_REFUSED(
            "Groups.Refused",
            "the transport reports the reason to TransportContext.refused, and closes the peer's connection if there is one."),
    /** A transport respects the limit on connections. */
    PLACES(
            "TransportContext.connections",
            "A transport takes a place for each connection, and refuses a connection with Reason.TOO_MANY_CONNECTIONS if no place is free"),
    /** A transport handles the rejection of a peer. */
    REJECTED(
            "Handshake.Rejected",
            "The transport reports the reason to TransportContext.refused, and closes the peer's connection if there is one."),
    /** A first message cannot go on for ever. */
    FIRST_MESSAGE_BOUNDED(
            "Handshake.NeedMore",
            "a peer that exceeds a limit is closed for Reason.FIRST_MESSAGE_TOO_LONG or Reason.FIRST_MESSAGE_TIMEOUT."),
    /** The bytes behind the first message are data. */
    REST_IS_DATA(
            "Handshake.Admitted", "how many of the bytes belong to the first message; the bytes behind them are data"),
    /** A transport sends a policy's challenge. */
    CHALLENGE_SENT("Handshake.Challenge", "The transport must send this reply to the peer and wait for more bytes."),
    /** Resets, nonsense and faults affect one peer alone. */
    ONE_PEER_ALONE(
            "Endpoint", "A fault of one peer affects that peer alone: an error, a reset, bytes that make no sense."),

    /** A codec leaves what is incomplete, or remembers it. */
    CODEC_LEAVES(
            "Codec.received",
            "Bytes that the codec does not take, because their message is incomplete, are presented again, together with more."),
    /** A codec passes on no message that is too large, and no part of one. */
    MESSAGE_BOUNDED(
            "Conversation.publish",
            "A message that is larger than largestMessage ends the connection as Reason.MESSAGE_TOO_LARGE"),
    /** A codec ends a connection that breaks its protocol. */
    NONSENSE_REPORTED("Reason.PROTOCOL_ERROR", "A peer sent something that its protocol does not allow"),
    /** An encoding has no state that can be seen. */
    ENCODING_EQUAL(
            "Encoding",
            "equal encodings make equal bytes of equal messages: what one call writes depends on no other call."),

    /** The first half of a stop loses nothing. */
    QUIESCED(
            "Endpoint.quiesce",
            "Stop accepting peers, and forward the data that is still in the kernel's receive buffers to the members."),
    /** The second half of a stop delivers everything and leaves nothing behind. */
    STOPPED(
            "Endpoint.stop",
            "Flush the queue of every member, shut down its output, discard its input until the peer ends it, close the connection, and end every thread."),
    /** A stop reports what it discarded. */
    UNSENT("Endpoint.stop", "how much was discarded"),
    /** A transport counts events. */
    COUNTED("TransportContext.counters", "the transport counts every event that a Counter describes"),

    /** A policy has a name that configuration can use. */
    POLICY_NAMED(
            "HandshakePolicy.name",
            "the name of this policy in the configuration: lower-case letters, digits and dashes"),
    /** Making a handshake does nothing that would have to be undone. */
    CREATE_IS_CHEAP(
            "HandshakePolicy.create", "it opens no files except those that the settings name, and starts no thread."),
    /** A handshake remembers nothing about a peer. */
    NO_STATE(
            "Handshake",
            "A handshake is thread-safe and keeps no state for any peer: whenever a peer has sent more bytes, the handshake is asked again with all bytes that the peer has sent so far."),
    /** A handshake reads the given bytes and does not change them. */
    BYTES_OF_THE_PEER(
            "Handshake.consider",
            "all bytes that the peer has sent so far, from position to limit; read-only, and valid during this call only"),
    /** A handshake answers whatever a peer sends. */
    HANDSHAKE_ANSWERS(
            "Handshake.consider",
            "The method must return a decision for any bytes, must not block, and must not throw."),
    /** A handshake does not ask for more bytes after a datagram. */
    DATAGRAM_IS_WHOLE("Handshake.Arrival.DATAGRAM", "The bytes are one whole datagram; no more bytes will follow."),
    /** A handshake reports its shortest message correctly, so that the configuration's limits can be checked. */
    SHORTEST_MESSAGE(
            "Handshake.shortestMessage",
            "the length in bytes of the shortest first message of a stream that this handshake could admit");

    private final String place;
    private final String text;

    Promise(String place, String text) {
        this.place = place;
        this.text = text;
    }

    /**
     * {@return the type whose Javadoc makes the promise, or the type with its method}
     */
    public String place() {
        return place;
    }

    /**
     * {@return the text of the promise, as in the Javadoc}
     */
    public String text() {
        return text;
    }

    /**
     * {@return the error that reports this promise as broken}
     *
     * @param seen what the contract observed instead
     */
    public BrokenPromiseError broken(String seen) {
        return new BrokenPromiseError(this, seen, null);
    }

    /**
     * {@return the error that reports this promise as broken}
     *
     * @param seen what the contract observed instead
     * @param cause the exception that the contract caught
     */
    public BrokenPromiseError broken(String seen, Throwable cause) {
        return new BrokenPromiseError(this, seen, cause);
    }
}
