/**
 * Receiving and sending, independent of the system calls: sockets, received datagrams, binding, multicast. No system
 * call is ever made here.
 */
package dev.socketforwarder.transport.udp.io;
