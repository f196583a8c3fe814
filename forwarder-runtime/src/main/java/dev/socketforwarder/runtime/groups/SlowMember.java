package dev.socketforwarder.runtime.groups;

/** How a group treats a member that does not keep up. */
public enum SlowMember {
    /** The others wait for it until it keeps up, or is stalled and closed. */
    PACE,
    /** Messages are left out for this member while it is full. */
    DROP,
    /** It is closed when it becomes full. */
    DISCONNECT
}
