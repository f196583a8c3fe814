package dev.socketforwarder.testkit;

/** Lists the promises of the API that a plugin has to keep, in the words of its Javadoc. */
public enum Promise {
    /** Opening does nothing that would have to be undone. */
    OPEN_IS_CHEAP("Transport.open", "reads every setting it knows, and opens no socket and starts no thread"),
    /** One transport serves many endpoints. */
    MANY_ENDPOINTS("Transport", "may be called many times, once for each configured endpoint of this type"),
    /** No key is left for later. */
    SETTINGS_READ("Settings", "so read all keys that you know, each time, in Transport.open"),
    /** A started endpoint can be reached. */
    START_BINDS("Endpoint.start", "Bind, and serve from then on."),
    /** The addresses are those that are bound. */
    ADDRESSES("Endpoint.localAddresses", "with the port numbers that the kernel chose; empty unless started"),
    /** A start that fails leaves nothing behind. */
    FAILED_START("Endpoint.start", "if an address cannot be bound; nothing stays open."),
    /** A start that fails says why. */
    FAILED_START_SAYS("Endpoint.start", "Its message names the address and says what to do"),
    /** What failed to start can be stopped. */
    STOP_AFTER_FAILED_START("Endpoint", "stop may follow a start that failed."),

    /** Only the owner's thread joins. */
    JOIN_ON_OWNER("Groups.join", "Called on the owner's thread."),
    /** Only the owner's thread publishes. */
    MEMBERSHIP_ON_OWNER("Membership", "Every method is called on the owner's thread."),
    /** An owner is one thread. */
    OWNER_IS_ONE_THREAD("Owner", "The one thread that owns a set of members and all their state."),
    /** An owner's caller does not run the task. */
    OWNER_RUNS_LATER("Owner", "never blocks and never runs the task before it returns"),
    /** An owner is a queue. */
    OWNER_KEEPS_ORDER("Owner", "Tasks of one caller run in their order."),
    /** The caller of a member goes on with the next one. */
    MEMBER_RETURNS("Member", "must not block and must not throw"),
    /** A member does not leave during a delivery. */
    MEMBER_STAYS("Member", "None may leave the group before it returns but close."),
    /** A member's text fits a line of the log. */
    DESCRIBED("Member.describe", "its address, bounded and without control characters"),

    /** Short writes, slow readers, order. */
    DELIVERED(
            "Member.deliver",
            "A peer of a stream gets all that is delivered to it, unchanged and in this order, however slowly it reads."),
    /** Nothing waits for the next turn. */
    FLUSHED("Member.deliver", "The owner flushes every member that was given something before it waits again"),
    /** What comes from a peer goes to its group. */
    PUBLISHED(
            "Endpoint",
            "What a member sends is published unchanged and in its order, to the group that its handshake named."),
    /** No echo. */
    NO_ECHO("Membership.publish", "Give this to all other members of the group."),
    /** Backpressure. */
    PAUSED("Member.pause", "Read nothing from this peer until resume: another member of the group is full."),
    /** The end of it. */
    RESUMED("Member.resume", "Read again, after those for which this was called earlier."),
    /** The runtime's own closing. */
    CLOSED("Member.close", "End this member's connection, flushing nothing, and leave the group."),

    /** A limit of groups. */
    JOIN_REFUSED(
            "Groups.Refused",
            "the transport tells the reason by TransportContext.refused, and closes the peer if it has a connection."),
    /** The places of connections. */
    PLACES(
            "TransportContext.connections",
            "a transport takes one for each, and refuses one that finds none with Reason.TOO_MANY_CONNECTIONS"),
    /** A policy's refusal. */
    REJECTED(
            "Handshake.Rejected",
            "The transport tells the reason by TransportContext.refused, and closes the peer if it has a connection."),
    /** An endless first message. */
    FIRST_MESSAGE_BOUNDED(
            "Handshake.NeedMore",
            "a peer that goes on is closed for Reason.FIRST_MESSAGE_TOO_LONG or Reason.FIRST_MESSAGE_TIMEOUT."),
    /** Data behind the first message. */
    REST_IS_DATA("Handshake.Admitted", "how many of the bytes the handshake used up; the rest is data already"),
    /** A policy's question. */
    CHALLENGE_SENT("Handshake.Challenge", "Send this to the peer, and await more bytes."),
    /** Resets, nonsense, faults. */
    ONE_PEER_ALONE(
            "Endpoint",
            "What is wrong with one peer costs that peer alone: an error, a reset, bytes that make no sense."),

    /** The first half of the stop. */
    QUIESCED("Endpoint.quiesce", "Accept nobody any more, and forward what the kernel still holds for the members."),
    /** The second half. */
    STOPPED(
            "Endpoint.stop",
            "Flush every member's queue, shut its output, discard its input to the end, close, and let go of every thread."),
    /** The stop says what it discarded. */
    UNSENT("Endpoint.stop", "what was thrown away"),
    /** Counters. */
    COUNTED("TransportContext.counters", "the transport counts in them what each Counter says"),

    /** A policy's name. */
    POLICY_NAMED("HandshakePolicy.name", "configuration asks for this policy: lower-case letters, digits and dashes"),
    /** A handshake is made often. */
    CREATE_IS_CHEAP("HandshakePolicy.create", "opens nothing but files named in the settings, and starts no thread."),
    /** A handshake remembers nothing. */
    NO_STATE(
            "Handshake",
            "Thread-safe, and without a state of its own for any peer: it is asked again, with all bytes so far, whenever more came."),
    /** A handshake looks at the bytes it is given. */
    BYTES_OF_THE_PEER(
            "Handshake.consider",
            "all that the peer has sent so far, from position to limit, read-only and valid during this call"),
    /** A handshake survives anything. */
    HANDSHAKE_ANSWERS("Handshake.consider", "Answers whatever the bytes are, and at once: must not block, nor throw."),
    /** A datagram is whole. */
    DATAGRAM_IS_WHOLE("Handshake.Arrival.DATAGRAM", "They are one whole datagram; there will be no more."),
    /** What configuration is checked against. */
    SHORTEST_MESSAGE(
            "Handshake.shortestMessage", "the fewest bytes of a first message of a stream that it could admit");

    private final String place;
    private final String text;

    Promise(String place, String text) {
        this.place = place;
        this.text = text;
    }

    /**
     * {@return the type, and its method, that makes the promise}
     */
    public String place() {
        return place;
    }

    /**
     * {@return the promise, as the Javadoc there has it}
     */
    public String text() {
        return text;
    }

    /**
     * {@return the error that says so}
     *
     * @param seen what was seen instead
     */
    public BrokenPromiseError broken(String seen) {
        return new BrokenPromiseError(this, seen, null);
    }

    /**
     * {@return the error that says so}
     *
     * @param seen what was seen instead
     * @param cause what was thrown
     */
    public BrokenPromiseError broken(String seen, Throwable cause) {
        return new BrokenPromiseError(this, seen, cause);
    }
}
