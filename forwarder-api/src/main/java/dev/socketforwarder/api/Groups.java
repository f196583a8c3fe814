package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;

/** Gives access to the groups of this process. Members join groups here. */
@NotForImplementation
public interface Groups {

    /**
     * Add a member to a group. A group begins with its first member and ends with its last one.
     *
     * <p>Called on the owner's thread.
     *
     * @param group the group to join
     * @param member the new member. Before {@code join} returns, the runtime may ask the member what it is, and may {@linkplain
     *     Member#pause pause} it. Messages are delivered only after that: those that others publish from now on
     * @param owner the thread on which the runtime calls all methods of {@code member}; a plugin's endpoint passes its {@link
     *     TransportContext#loop}
     * @return the membership, or the limit that the group or the process has reached
     */
    Join join(GroupId group, Member member, Owner owner);

    /**
     * Get a membership that can only publish. Such a membership receives nothing, does not count as a member, and does not keep
     * its group alive. A transport uses it to publish the data of a peer that has not joined, such as an unregistered sender of
     * datagrams.
     *
     * <p>Called on the owner's thread. The runtime cannot pause what is published through this membership.
     *
     * @param group the group to publish to
     * @param owner the calling thread; a plugin's endpoint passes its {@link TransportContext#loop}
     * @return the membership; the caller must eventually {@link Membership#leave leave}
     */
    Membership publisher(GroupId group, Owner owner);

    /**
     * Watch the groups of this process, as a bridge to other processes does. The listener is told soon of each group that exists,
     * and of each group that begins later: each is told before others can publish to it. The watch ends with the endpoint at the
     * latest.
     *
     * <p>Called on the owner's thread.
     *
     * @param listener learns which groups begin and end
     * @param owner the thread on which the runtime calls the listener; a plugin's endpoint passes its {@link TransportContext#loop}
     * @return the watch, which the caller may end
     */
    Watch watch(GroupListener listener, Owner owner);

    /** A listener's part in the groups of this process. */
    @NotForImplementation
    interface Watch extends AutoCloseable {

        /**
         * End the watch: the listener's bridges leave all groups, and the listener is told nothing more, not even that groups end.
         * Called on the owner's thread. A second call does nothing.
         */
        @Override
        void close();
    }

    /** The answer to a request to join. */
    sealed interface Join {}

    /**
     * The member has joined.
     *
     * @param membership the member's part in the group until the member leaves
     */
    record Joined(Membership membership) implements Join {}

    /**
     * The member must not join: the transport reports the reason to {@link TransportContext#refused}, and closes the peer's
     * connection if there is one.
     *
     * @param reason the limit that was reached
     */
    record Refused(Reason reason) implements Join {}
}
