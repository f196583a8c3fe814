/** The TCP transport: its settings, its endpoint, whom it accepts, and which servers are to be dialled. What happens on an open connection is never decided here. */
package dev.socketforwarder.transport.tcp;
