/** Members that the configuration names, and the watch over their names. Nobody registers here, ever. */
package dev.socketforwarder.transport.udp.preconfigured;
