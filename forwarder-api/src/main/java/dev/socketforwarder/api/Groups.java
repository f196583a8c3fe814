package dev.socketforwarder.api;

/** All groups of the process. Not for implementation by plugins. */
public interface Groups {

    /**
     * Join a group, which begins with its first member and ends with its last.
     *
     * <p>Called on the owner's thread.
     *
     * @param group which one
     * @param member who; called on its thread as soon as it has joined, before this returns too
     * @param owner the thread on which all methods of {@code member} will be called; a plugin's endpoint gives its {@link
     *     TransportContext#loop}
     * @return the membership, or the limit that stands against it
     */
    Join join(GroupId group, Member member, Owner owner);

    /**
     * Get a membership that only publishes: it is given nothing, counts as no member, and keeps no group alive. For input
     * of a peer that has not joined (an unregistered sender of datagrams).
     *
     * <p>Called on the owner's thread. What is published through it cannot be paused.
     *
     * @param group which one
     * @param owner the calling thread; a plugin's endpoint gives its {@link TransportContext#loop}
     * @return the membership; it must {@link Membership#leave}
     */
    Membership publisher(GroupId group, Owner owner);

    /** The answer to a request to join. */
    sealed interface Join {}

    /**
     * Let in.
     *
     * @param membership the member's part in the group, until it leaves
     */
    record Joined(Membership membership) implements Join {}

    /**
     * Refused: the transport tells the reason by {@link TransportContext#refused}, and closes the peer if it has a
     * connection.
     *
     * @param reason the limit that stood against it
     */
    record Refused(Reason reason) implements Join {}
}
