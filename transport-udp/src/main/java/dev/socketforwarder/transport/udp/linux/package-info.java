/**
 * Receiving and sending of many datagrams at once through the C library of Linux. This package never decides who gets a
 * datagram.
 */
package dev.socketforwarder.transport.udp.linux;
