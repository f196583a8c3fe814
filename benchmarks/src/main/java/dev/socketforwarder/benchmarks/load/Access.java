package dev.socketforwarder.benchmarks.load;

import java.net.InetSocketAddress;

/**
 * Where members connect, and how they speak there.
 *
 * @param isWebSocket whether what the protocol says goes in the frames of a WebSocket
 */
record Access(InetSocketAddress address, Protocol protocol, boolean isWebSocket) {}
