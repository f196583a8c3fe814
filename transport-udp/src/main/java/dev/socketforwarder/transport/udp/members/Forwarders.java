package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.settings.ControlTexts;
import dev.socketforwarder.transport.udp.settings.RegistrationMode;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Tells which addresses may be other forwarders, judging by the registrations. A forwarder passes on what it gets, but
 * never a registration. So an address that registered itself is no forwarder. Used on one thread of the endpoint.
 */
public final class Forwarders {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TransportContext context;
    private final Registry registry;
    private final Senders senders;
    private final ControlTexts controlTexts;
    private final boolean registersAll;
    private final boolean shares;

    Forwarders(TransportContext context, UdpSettings settings, Registry registry, Senders senders) {
        this.context = context;
        this.registry = registry;
        this.senders = senders;
        this.controlTexts = new ControlTexts(settings);
        this.registersAll = settings.members().registration() == RegistrationMode.AUTO;
        this.shares = !settings.group().isEmpty();
    }

    /** {@return whether a member may be a forwarder, here or behind another endpoint of the same group} */
    boolean mayBeMembers() {
        return shares || registry.hasUnproven();
    }

    /** {@return whether a registration of {@code address} by {@code source} proves that the address is no forwarder} */
    boolean areNot(InetSocketAddress source, InetSocketAddress address) {
        return !registersAll && address.equals(source);
    }

    /** {@return whether {@code source} may be a forwarder that got its datagrams from here} */
    public boolean maySendOn(InetSocketAddress source) {
        return mayBeMembers() && (registersAll || !senders.isRegistrant(source));
    }

    /**
     * {@return whether the {@code i}th datagram of the intake, which is no registration here, is a request to another
     * forwarder}
     */
    public boolean areMeantBy(Intake intake, int i) {
        return intake.isCookie(i) || intake.isRegistration(i, controlTexts) && mayBeMembers();
    }

    /** {@return the part of a batch from other transports that may go to {@code member}} */
    Batch passable(Batch batch, Registration member) {
        if (member.isProven()) {
            return batch;
        }
        var rest = controlTexts.without(batch);
        for (int i = rest.count(); i < batch.count(); i++) {
            context.refused(Reason.REFLECTION, member.address(), "sent to it by another member of its group", NOTHING);
        }
        return rest;
    }
}
