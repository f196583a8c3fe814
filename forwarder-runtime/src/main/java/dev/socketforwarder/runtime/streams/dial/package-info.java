/**
 * Dials servers: when, at which of their addresses, and for how long each attempt may take. What travels on a
 * connection is never read or written here.
 */
package dev.socketforwarder.runtime.streams.dial;
