package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;

/** An address that gets what others send. Used on the endpoint's thread. */
final class Registration implements Member {
    private final Destination destination;
    private final Registrations registrations;
    private final LinkedHashSet<InetSocketAddress> registrars = new LinkedHashSet<>();
    private Membership membership;
    private boolean muted;

    Registration(Destination destination, Registrations registrations) {
        this.destination = destination;
        this.registrations = registrations;
    }

    InetSocketAddress address() {
        return destination.address();
    }

    /** Take the place in the group; once, right after joining. */
    void joined(Membership joined) {
        membership = joined;
    }

    Membership membership() {
        return membership;
    }

    /** {@return the sources that registered this address last, the longest ago first; for {@link Registrations}} */
    LinkedHashSet<InetSocketAddress> registrars() {
        return registrars;
    }

    /** Let nothing through, for what comes from this registration's registrar. */
    void mute(boolean on) {
        muted = on;
    }

    @Override
    public void deliver(Batch batch) {
        if (!muted) {
            destination.send(batch);
        }
    }

    @Override
    public Batch.Form form() {
        return Batch.Form.MESSAGES;
    }

    @Override
    public int largestMessage() {
        return UdpSettings.LARGEST_DATAGRAM;
    }

    @Override
    public boolean pausable() {
        return false;
    }

    @Override
    public void close(Reason reason) {
        registrations.close(this, reason);
    }

    @Override
    public String describe() {
        return text(address());
    }

    /** {@return an address with its port, IPv6 in brackets} */
    static String text(InetSocketAddress address) {
        var host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
