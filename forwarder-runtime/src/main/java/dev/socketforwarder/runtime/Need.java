package dev.socketforwarder.runtime;

/**
 * What one member needs of the memory for queued bytes, when that is short.
 *
 * @param source whose share it counts to: the peer's address, or the group where nobody knows one
 * @param queuedBytes that the member has not taken; others may need the same
 * @param unfinishedBytes of a message that the member has begun, which nobody else needs
 * @param progresses whether it takes, or sends, as much as a slow member must
 * @param joinedNs when it joined
 */
record Need(Seat seat, Object source, long queuedBytes, long unfinishedBytes, boolean progresses, long joinedNs) {}
