package dev.socketforwarder.runtime.groups;

/**
 * What one member needs of the memory for queued bytes, when that is short.
 *
 * @param source whose share it counts to: the peer's address, or the group where nobody knows one
 * @param queuedBytes of the blocks that hold what the member has not taken; others may need the same
 * @param unfinishedBytes of a message that the member has begun, which nobody else needs
 * @param stalledNs for how long it has taken, or sent, less than a slow member must; 0: it goes on
 * @param joinedNs when it joined
 */
record Need(Seat seat, Object source, long queuedBytes, long unfinishedBytes, long stalledNs, long joinedNs) {}
