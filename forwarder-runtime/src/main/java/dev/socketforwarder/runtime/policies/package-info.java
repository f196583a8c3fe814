/**
 * The handshake policies of the image, and the chain that asks an endpoint's policies in turn. A policy never touches a
 * socket.
 */
package dev.socketforwarder.runtime.policies;
