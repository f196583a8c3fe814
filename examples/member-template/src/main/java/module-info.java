/** A plugin for SocketForwarder: a transport for datagrams, with members of its own. */
module com.example.datagrampeers {
    requires dev.socketforwarder.api;

    provides dev.socketforwarder.api.Transport with
            com.example.datagrampeers.DatagramTransport;
}
