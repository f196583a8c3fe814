package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import dev.socketforwarder.api.buffer.Framing;

/** Represents a group to a {@link GroupListener}, from the group's begin to its end. */
@NotForImplementation
public interface WatchedGroup {

    /**
     * {@return the group's name} Any thread may call this method.
     */
    GroupId id();

    /**
     * {@return the group's framing; groups of one name and different framings are separate} Any thread may call this method.
     */
    Framing framing();

    /**
     * {@return the largest bare message of the group at present, in bytes; for framed groups} Any thread may call this method.
     */
    int maxMessageSize();

    /**
     * {@return how many members the group has now, without bridges} Any thread may call this method.
     */
    int members();

    /**
     * Let a member take part in the group as a bridge. Called on the listener's owner's thread, between {@link GroupListener#begun}
     * and {@link GroupListener#ended}.
     *
     * <p>A bridge publishes, and receives what others publish, like a member. But a bridge takes no member's place, and does not keep
     * the group alive. Nobody waits for a bridge: while its queue is full, or while its owner does not keep up, messages are
     * left out for the bridge and counted. A bridge is never closed for being slow.
     *
     * <p>A bridge whose source cannot be stopped says so by {@link Member#pausable}: what it publishes is then left out for full
     * members, and counted. {@link dev.socketforwarder.api.buffer.Batch#origin(Object) Batch.origin} tells a bridge what another
     * bridge published.
     *
     * @param member the bridge, a new object for each call
     * @return the bridge's membership, which ends with the group at the latest
     * @throws IllegalStateException if the group has ended
     */
    Membership bridge(Member member);
}
