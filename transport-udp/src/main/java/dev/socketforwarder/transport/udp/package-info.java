/**
 * The UDP transport: its endpoint, the endpoint's loop, and the handling of a turn's datagrams. How datagrams reach the
 * kernel is never decided here.
 */
package dev.socketforwarder.transport.udp;
