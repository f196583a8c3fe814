/**
 * The SPI of the forwarder: what a transport and a handshake policy implement ({@link dev.socketforwarder.api}), how bytes travel
 * ({@link dev.socketforwarder.api.buffer}), and helpers that a plugin may use or leave ({@link dev.socketforwarder.api.kit}).
 *
 * <p>Holds no sockets and no parsing of configuration files. A plugin requires this module and no other.
 */
module dev.socketforwarder.api {
    exports dev.socketforwarder.api;
    exports dev.socketforwarder.api.annotation;
    exports dev.socketforwarder.api.buffer;
    exports dev.socketforwarder.api.kit;
}
