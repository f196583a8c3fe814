/**
 * The TCP transport: its settings, its endpoint, whom it accepts, and which servers are to be dialled. This package never decides
 * what happens on an open connection.
 */
package dev.socketforwarder.transport.tcp;
