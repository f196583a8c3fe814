/**
 * The NATS bridge: what the members of a group publish goes to a subject of NATS, and what other forwarders publish there reaches
 * the members. This package never decides who is a member of a group.
 */
package dev.socketforwarder.transport.nats;
