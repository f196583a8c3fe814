/**
 * Receiving and sending through the channels of Java, on every operating system. This package never decides who gets a
 * datagram.
 */
package dev.socketforwarder.transport.udp.nio;
