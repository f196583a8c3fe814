/**
 * What a plugin implements and uses: transports, handshake policies, groups and their members, settings and counters. {@link
 * dev.socketforwarder.api.buffer} describes how bytes are queued and passed on.
 *
 * <p>Unless a type says otherwise, arguments and results are never null, values are immutable, and nothing is thread-safe. A
 * method of an object that has an {@link dev.socketforwarder.api.Owner} may be called on that owner's thread only.
 */
package dev.socketforwarder.api;
