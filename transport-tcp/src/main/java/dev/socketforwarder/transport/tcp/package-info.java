/** The TCP transport: its endpoint, whom it accepts, and the servers that it connects to. What happens on an open connection is never decided here. */
package dev.socketforwarder.transport.tcp;
