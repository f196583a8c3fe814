/** What receiving and sending look like, whatever is below: sockets, what came in, binding, multicast. No system call is ever made here. */
package dev.socketforwarder.transport.udp.io;
