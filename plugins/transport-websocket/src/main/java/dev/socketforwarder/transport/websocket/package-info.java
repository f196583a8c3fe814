/**
 * WebSocket, server-sent events and HTTP POST: browsers in the groups of other sockets. Everything here is without I/O: the runtime's
 * streams read and write the bytes, and this package says what they mean.
 */
package dev.socketforwarder.transport.websocket;
