/**
 * The SPI of the forwarder: what a transport and a handshake policy implement, what they are given, and the outbound
 * queue that serves every transport.
 *
 * <p>Holds no sockets, no threads and no parsing of configuration files. A plugin requires this module and no other.
 */
module dev.socketforwarder.api {
    exports dev.socketforwarder.api;
}
