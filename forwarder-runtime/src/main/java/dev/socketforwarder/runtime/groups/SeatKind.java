package dev.socketforwarder.runtime.groups;

/** The kinds of seats that a group has. */
enum SeatKind {
    /** A member: it is given what others publish, and keeps the group alive. */
    MEMBER,
    /** A bridge: it is given what others publish, but nobody waits for it, and it keeps no group alive. */
    BRIDGE,
    /** A publisher: it publishes and is given nothing. Its group lives as long as the publisher, too. */
    PUBLISHER;

    /** {@return whether a seat of this kind is given what others publish, and so stands in its side's list} */
    boolean isGiven() {
        return this != PUBLISHER;
    }
}
