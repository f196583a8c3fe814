package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.transport.udp.members.ListeningAddresses;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.util.List;

/**
 * The transport {@code udp}: forwards datagrams. Its endpoints share only the list of addresses that they listen on.
 */
public final class UdpTransport implements Transport {
    private final ListeningAddresses listening;
    private final Machine machine;

    /** Make the transport; for {@link java.util.ServiceLoader}. */
    public UdpTransport() {
        this(Machine.real());
    }

    UdpTransport(Machine machine) {
        this.listening = new ListeningAddresses(machine.interfaces());
        this.machine = machine;
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
        var rules = new Rules(UdpSettings.read(context.settings()), filter, handshake);
        return new UdpEndpoint(rules, context, listening, machine);
    }
}
