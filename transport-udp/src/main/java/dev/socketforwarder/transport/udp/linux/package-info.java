/**
 * Receiving and sending of many datagrams at once through the C library of Linux. Who gets a datagram is never decided
 * here.
 */
package dev.socketforwarder.transport.udp.linux;
