/**
 * Connections before they are members: the listener, the limits, and the stages that read the proxy header, TLS and the
 * first message, under one deadline. Data for a group is never read here.
 */
package dev.socketforwarder.runtime.streams.arrival;
