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
 * What may be another forwarder, as far as registrations tell. A forwarder sends on what it gets, but never a registration: so
 * who registered itself is none. Used on one thread of the endpoint.
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

    /** {@return whether there may be one among the members, or beyond those of another endpoint in the same group} */
    boolean mayBeMembers() {
        return shares || registry.hasUnproven();
    }

    /** {@return whether a registration that {@code source} asks for proves that it is none, if it is its own} */
    boolean areNot(InetSocketAddress source, InetSocketAddress address) {
        return !registersAll && address.equals(source);
    }

    /** {@return whether {@code source} may be one, and have got from here what it sends} */
    public boolean maySendOn(InetSocketAddress source) {
        return mayBeMembers() && (registersAll || !senders.isRegistrar(source));
    }

    /** {@return whether the {@code i}th datagram of the intake, no registration here, is for no member} */
    public boolean areMeantBy(Intake intake, int i) {
        return intake.isCookie(i) || intake.isRegistration(i, controlTexts) && mayBeMembers();
    }

    /** {@return what may go to {@code member} of a batch that other transports' members sent} */
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
