package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.AddressFilter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Forwards datagrams. Its endpoints share nothing but the list of addresses that they listen on. */
public final class UdpTransport implements Transport {
    private final ListeningAddresses listening;
    private final Supplier<Set<InetAddress>> ownAddresses;

    /** Make the transport; for {@link java.util.ServiceLoader}. */
    public UdpTransport() {
        this(new LocalInterfaces());
    }

    private UdpTransport(LocalInterfaces interfaces) {
        this(interfaces, interfaces::addresses);
    }

    UdpTransport(LocalInterfaces interfaces, Supplier<Set<InetAddress>> ownAddresses) {
        this.listening = new ListeningAddresses(interfaces);
        this.ownAddresses = ownAddresses;
    }

    @Override
    public String type() {
        return "udp";
    }

    @Override
    public Protocol protocol() {
        return Protocol.UDP;
    }

    @Override
    public Endpoint open(TransportContext context) {
        var handshake = context.handshake(List.of("prefix"));
        var filter = AddressFilter.read(context.settings());
        return new UdpEndpoint(
                UdpSettings.read(context.settings()), filter, handshake, context, listening, ownAddresses);
    }
}
