package dev.socketforwarder.api;

/** All groups of the process. Not for implementation by plugins. */
public interface Groups {

    /**
     * Join a group, which begins with its first member and ends with its last.
     *
     * <p>Called on the owner's thread.
     *
     * @param owner the thread on which all methods of {@code member} will be called
     */
    Join join(GroupId group, Member member, Owner owner);

    /**
     * Get a membership that only publishes: it is given nothing, counts as no member, and keeps no group alive. For input
     * of a peer that has not joined (an unregistered sender of datagrams).
     *
     * <p>Called on the owner's thread. What is published through it cannot be paused.
     */
    Membership publisher(GroupId group, Owner owner);

    /** The answer to a request to join. */
    sealed interface Join {}

    /** Let in. */
    record Joined(Membership membership) implements Join {}

    /**
     * Refused.
     *
     * @param reason the limit that stood against it
     */
    record Refused(Reason reason) implements Join {}
}
