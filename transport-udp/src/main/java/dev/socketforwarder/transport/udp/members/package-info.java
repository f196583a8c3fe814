/** Who is registered, who sends, for how long and at which rate, and where the process itself listens. Nothing is ever received or sent here. */
package dev.socketforwarder.transport.udp.members;
