/**
 * Contracts to extend: {@link dev.socketforwarder.testkit.TransportContract} for any transport, {@link
 * dev.socketforwarder.testkit.StreamContract} for one of connections, {@link
 * dev.socketforwarder.testkit.HandshakeContract} for a handshake policy; and what a transport is given in them, for tests
 * of one's own.
 *
 * <p>Unless a type says otherwise: arguments and results are never null, and nothing is thread-safe.
 */
package dev.socketforwarder.testkit;
