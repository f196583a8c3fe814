package com.example.datagrampeers;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;

/** Makes endpoints that receive UDP datagrams. Each sender of datagrams becomes a member of the group that it names. */
public final class DatagramTransport implements Transport {

    /** Make the transport. {@link java.util.ServiceLoader} calls this constructor. */
    public DatagramTransport() {}

    @Override
    public String type() {
        return "datagrampeers";
    }

    @Override
    public Protocol protocol() {
        return Protocol.UDP;
    }

    @Override
    public Endpoint open(TransportContext context) {
        return new DatagramEndpoint(context);
    }
}
