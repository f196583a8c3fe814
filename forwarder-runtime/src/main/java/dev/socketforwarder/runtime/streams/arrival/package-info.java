/**
 * A connection before it is a member: the listener, the limits, the proxy header, TLS and the first message, each a stage with a
 * deadline. Data for a group is never read here.
 */
package dev.socketforwarder.runtime.streams.arrival;
