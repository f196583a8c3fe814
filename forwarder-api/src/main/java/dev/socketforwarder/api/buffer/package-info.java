/**
 * Bytes on their way: blocks that many queues share, batches of messages in them, framings, and the outbound queue of a member.
 * A plugin that serves its connections with {@link dev.socketforwarder.api.Streams} never needs to look in here.
 */
package dev.socketforwarder.api.buffer;
