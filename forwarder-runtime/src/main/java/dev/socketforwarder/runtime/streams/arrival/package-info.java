/**
 * Connections before they are members: the listener, the limits, and the stages that read the proxy header, TLS and the
 * first message, under one deadline. This package never reads data for a group.
 */
package dev.socketforwarder.runtime.streams.arrival;
