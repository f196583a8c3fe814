/**
 * Receiving and sending through the channels of Java, on every operating system. Who gets a datagram is never decided
 * here.
 */
package dev.socketforwarder.transport.udp.nio;
