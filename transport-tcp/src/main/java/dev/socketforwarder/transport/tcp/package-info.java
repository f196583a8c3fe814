/**
 * The TCP transport: its endpoint, the addresses that it admits without a first message, and the servers that it
 * connects to. What happens on an open connection is never decided here.
 */
package dev.socketforwarder.transport.tcp;
