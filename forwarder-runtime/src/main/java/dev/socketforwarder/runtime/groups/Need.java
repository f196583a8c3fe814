package dev.socketforwarder.runtime.groups;

/**
 * The share of the memory for queued bytes that one member needs, while this memory is short.
 *
 * @param source whose share the need counts for: the peer's address, or the group if the address is unknown
 * @param queuedBytes of the blocks with bytes for the member; other members may need the same blocks
 * @param unfinishedBytes of the message that the member has begun, and of what its codec keeps; no other member needs them
 * @param stalledNs how long the member has been too slow in taking or sending; 0 if it keeps up
 * @param joinedNs when the member joined
 */
record Need(Seat seat, Object source, long queuedBytes, long unfinishedBytes, long stalledNs, long joinedNs) {}
