package dev.socketforwarder.runtime.groups;

/** How a group treats a member that does not keep up. */
public enum SlowMember {
    /** The others wait for the member until it keeps up, or is stalled and closed. */
    PACE,
    /** Messages are left out for the member while it is full. */
    DROP,
    /** The member is closed when it becomes full. */
    DISCONNECT
}
