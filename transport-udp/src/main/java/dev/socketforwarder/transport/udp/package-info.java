/** The UDP transport: its endpoint, the endpoint's loop, and what is done with the datagrams of a turn. How datagrams reach the kernel is never decided here. */
package dev.socketforwarder.transport.udp;
