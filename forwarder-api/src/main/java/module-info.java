/**
 * The API of the forwarder's plugins: the interfaces of transports and handshake policies ({@link dev.socketforwarder.api}), the
 * handling of bytes ({@link dev.socketforwarder.api.buffer}), and optional helpers ({@link dev.socketforwarder.api.kit}).
 *
 * <p>The module holds no sockets and does not parse configuration files. A plugin requires no other module of the forwarder.
 */
module dev.socketforwarder.api {
    exports dev.socketforwarder.api;
    exports dev.socketforwarder.api.annotation;
    exports dev.socketforwarder.api.buffer;
    exports dev.socketforwarder.api.kit;
}
