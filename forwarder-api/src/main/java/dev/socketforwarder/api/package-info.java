/**
 * What a plugin implements and is given: transports, handshake policies, groups and their members, settings and counters. How
 * bytes wait and travel is never described here, but in {@link dev.socketforwarder.api.buffer}.
 *
 * <p>Unless a type says otherwise: arguments and results are never null, values are immutable, and nothing is
 * thread-safe. What has an {@link dev.socketforwarder.api.Owner} is used on that owner's thread alone.
 */
package dev.socketforwarder.api;
