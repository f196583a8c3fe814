/** Receiving and sending many datagrams at a time by the C library of Linux. Who gets a datagram is never decided here. */
package dev.socketforwarder.transport.udp.linux;
