/**
 * Tests that a plugin extends: {@link dev.socketforwarder.testkit.TransportContract} for any transport, {@link
 * dev.socketforwarder.testkit.StreamContract} for a transport with connections, and {@link
 * dev.socketforwarder.testkit.HandshakeContract} for a handshake policy. The package also contains the scripted context, groups and
 * settings that these tests use; a plugin's own tests can use them too.
 *
 * <p>Unless a type says otherwise, arguments and results are never null, and nothing is thread-safe.
 */
package dev.socketforwarder.testkit;
