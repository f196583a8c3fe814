/**
 * Transports, handshake policies, groups, and the buffers that travel between them.
 *
 * <p>Unless a type says otherwise: arguments and results are never null, values are immutable, and nothing is
 * thread-safe. What has an {@link dev.socketforwarder.api.Owner} is used on that owner's thread alone.
 */
package dev.socketforwarder.api;
