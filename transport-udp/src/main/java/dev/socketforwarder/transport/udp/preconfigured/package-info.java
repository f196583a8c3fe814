/** The members that the configuration names, and the watch over their names. No peer ever registers here. */
package dev.socketforwarder.transport.udp.preconfigured;
