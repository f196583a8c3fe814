/**
 * Dials servers: when, at which of their addresses, and for how long each attempt may take. This package never reads or
 * writes what travels on a connection.
 */
package dev.socketforwarder.runtime.streams.dial;
