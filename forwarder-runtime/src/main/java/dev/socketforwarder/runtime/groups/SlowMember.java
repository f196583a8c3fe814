package dev.socketforwarder.runtime.groups;

/** What becomes of a group's member that does not keep up. */
public enum SlowMember {
    /** The others wait for it, until it is stalled and closed. */
    PACE,
    /** Messages are left out for it alone, while it is full. */
    DROP,
    /** It is closed when it becomes full. */
    DISCONNECT
}
