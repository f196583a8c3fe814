/**
 * How bytes are queued and passed on: blocks that queues share, batches of messages, framings, and each member's outbound queue.
 * A plugin that serves its connections with {@link dev.socketforwarder.api.Streams} never needs this package.
 */
package dev.socketforwarder.api.buffer;
