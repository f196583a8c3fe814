package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;

/** The groups of the process, which members join. */
@NotForImplementation
public interface Groups {

    /**
     * Join a group. A group begins with its first member and ends with its last.
     *
     * <p>Called on the owner's thread.
     *
     * @param group the group to join
     * @param member the new member; may be called on its owner's thread even before this method returns
     * @param owner the thread on which all methods of {@code member} will be called; a plugin's endpoint gives its {@link
     *     TransportContext#loop}
     * @return the membership, or the limit that stands against it
     */
    Join join(GroupId group, Member member, Owner owner);

    /**
     * Get a membership that only publishes. It receives nothing, does not count as a member, and keeps no group alive. It serves
     * input of a peer that has not joined (an unregistered sender of datagrams).
     *
     * <p>Called on the owner's thread. What is published through it cannot be paused.
     *
     * @param group which one
     * @param owner the calling thread; a plugin's endpoint gives its {@link TransportContext#loop}
     * @return the membership; the caller must {@link Membership#leave leave} in the end
     */
    Membership publisher(GroupId group, Owner owner);

    /** The answer to a request to join. */
    sealed interface Join {}

    /**
     * The member has joined.
     *
     * @param membership the member's part in the group, until it leaves
     */
    record Joined(Membership membership) implements Join {}

    /**
     * The member may not join: the transport tells the reason by {@link TransportContext#refused}, and closes the peer if it has a
     * connection.
     *
     * @param reason the limit that is reached
     */
    record Refused(Reason reason) implements Join {}
}
