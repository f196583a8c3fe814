/** Datagrams that ask for a registration, and cookies that prove an address. A datagram that is to be forwarded never comes here. */
package dev.socketforwarder.transport.udp.admission;
