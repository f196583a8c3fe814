/** All endpoints together: read, started, reloaded and stopped, with the process's options and signals. What one connection or one datagram does is never decided here. */
package dev.socketforwarder.runtime.server;
