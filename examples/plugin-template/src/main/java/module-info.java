/** A plugin for SocketForwarder: a transport for Unix domain sockets, and a handshake policy with a passphrase. */
module com.example.localsocket {
    requires dev.socketforwarder.api;

    provides dev.socketforwarder.api.Transport with
            com.example.localsocket.SocketTransport;
    provides dev.socketforwarder.api.HandshakePolicy with
            com.example.localsocket.PassphrasePolicy;
}
