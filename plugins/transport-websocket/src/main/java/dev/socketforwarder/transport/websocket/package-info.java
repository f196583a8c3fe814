/**
 * WebSocket, server-sent events and HTTP POST: browsers in the groups of other sockets. The runtime's streams read and write the bytes,
 * and this package says what they mean. It never reads or writes a socket itself.
 */
package dev.socketforwarder.transport.websocket;
