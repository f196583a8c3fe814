/**
 * Registrations and senders: who is registered, for how long, who may send at which rate, and where the process itself
 * listens. Nothing is ever received or sent here.
 */
package dev.socketforwarder.transport.udp.members;
