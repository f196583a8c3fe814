package dev.socketforwarder.runtime.groups;

/** The kinds of seats that a group has. */
enum SeatKind {
    /** A member: it is given what others publish, and keeps the group alive. */
    MEMBER,
    /** A publisher: it publishes, is given nothing, and keeps no group alive. */
    PUBLISHER;

    /** {@return whether a seat of this kind is given what others publish, and so stands in its side's list} */
    boolean isGiven() {
        return this == MEMBER;
    }
}
